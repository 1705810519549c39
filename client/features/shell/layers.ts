import { useSyncExternalStore } from "react";

/** What lies over the whole page. One at a time; each is loaded when first opened. */
export type ShellLayer = "palette" | "keys" | "zone";

let current: ShellLayer | null = null;
const listeners = new Set<() => void>();

function set(next: ShellLayer | null): void {
  current = next;
  for (const listener of listeners) listener();
}

export function openShellLayer(layer: ShellLayer): void {
  set(layer);
}

export function closeShellLayer(): void {
  set(null);
}

export function useShellLayer(): ShellLayer | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}
