import { Toast } from "@base-ui/react/toast";
import { useSyncExternalStore } from "react";

export type ToastData = {
  undo?: (() => void) | undefined;
  action?: ToastAction | undefined;
  isError: boolean;
};
type ToastAction = { label: string; run: () => void };

/** Shared with the provider in the shell, so that code outside React can speak too. */
export const toastManager = Toast.createToastManager<ToastData>();

export const UNDO_MS = 10_000;

type PendingUndo = { toastId: string; title: string; run: () => void };
let pendingUndos: readonly PendingUndo[] = [];
const listeners = new Set<() => void>();

function setPendingUndos(next: readonly PendingUndo[]): void {
  pendingUndos = next;
  for (const listener of listeners) listener();
}

/**
 * Says what happened, in the past tense and with the name of the thing. Stays 10 s; the timer stops while a person
 * hovers, focuses or looks at another window. Never the only place where a result is kept.
 */
export function showToast(
  title: string,
  options: { description?: string; undo?: () => void; action?: ToastAction } = {},
): void {
  const { undo } = options;
  const toastId: string = toastManager.add({
    title,
    description: options.description,
    timeout: UNDO_MS,
    data: { isError: false, undo: undo && (() => runUndo(toastId)), action: options.action },
    onRemove: () => setPendingUndos(pendingUndos.filter((each) => each.toastId !== toastId)),
  });
  if (undo) setPendingUndos([...pendingUndos, { toastId, title, run: undo }]);
}

/** An error stays until it is dismissed: what happened, what it means for the data, what can be done. */
export function showErrorToast(
  title: string,
  options: { description?: string; action?: ToastAction } = {},
): void {
  toastManager.add({
    title,
    description: options.description,
    timeout: 0,
    priority: "high",
    data: { isError: true, action: options.action },
  });
}

function runUndo(toastId: string): void {
  const pending = pendingUndos.find((each) => each.toastId === toastId);
  if (!pending) return;
  setPendingUndos(pendingUndos.filter((each) => each !== pending));
  toastManager.close(toastId);
  pending.run();
}

/** What `Z` would take back, newest first to go; null when nothing can be undone from a toast. */
export function useNewestUndo(): { title: string; run: () => void } | null {
  const undos = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => pendingUndos,
  );
  const newest = undos.at(-1);
  return newest ? { title: newest.title, run: () => runUndo(newest.toastId) } : null;
}
