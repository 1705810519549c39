import { useMutation, useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import type { toFilter } from "#client/features/mismatches/filter-text.ts";
import type { Selection } from "#client/features/mismatches/selection-strip.tsx";
import { refreshMismatches, watchPlan } from "#client/features/mismatches/watch-plan.ts";
import { countOf } from "#client/features/mismatches/words.ts";
import { useLiveState } from "#client/lib/live/live.ts";
import { showErrorToast, showToast } from "#client/lib/toasts.ts";
import { readError, trpc, trpcClient } from "#client/lib/trpc.ts";

const NEWER_MS = 10_000;

/** The way of a bulk decision: preview, commit, and the watch over what becomes of it. */
export function useBulkAccept({
  workspace,
  filter,
  openReceipt,
  onCommitted,
  onDone,
}: {
  workspace: string;
  filter: ReturnType<typeof toFilter>;
  openReceipt: (receiptId: string) => void;
  onCommitted: () => void;
  /** Applied: the list may begin again without what was decided. */
  onDone: () => void;
}) {
  const [scope, setScope] = useState<Selection | null>(null);
  const live = useLiveState();
  const preview = useMutation(trpc.mismatches.preview.mutationOptions());
  const [isCommitting, setIsCommitting] = useState(false);
  const underWay = useRef(false);
  const token = scope ? preview.data?.token : undefined;
  const newer = useQuery({
    ...trpc.mismatches.newer.queryOptions({ workspace, token: token ?? "" }),
    enabled: token !== undefined,
    refetchInterval: NEWER_MS,
  });

  const open = (selection: Selection) => {
    setScope(selection);
    preview.mutate({
      workspace,
      scope: selection.kind === "all" ? { filter } : { ids: [...selection.ids], filter },
    });
  };
  const close = () => {
    setScope(null);
    preview.reset();
  };
  return {
    isOpen: scope !== null,
    preview: preview.data ?? null,
    error: preview.error,
    newer: newer.data?.newerThanFreeze ?? 0,
    isCommitting,
    cannotCommit: live.kind === "live" || live.kind === "paused" ? null : "Bulk needs live data.",
    open,
    close,
    retry: () => scope && open(scope),
    commit: (confirmCount: number | undefined) => {
      if (!token || underWay.current) return;
      underWay.current = true;
      setIsCommitting(true);
      // Answered also when the person has left the screen: what was decided must be said, and its failure too.
      trpcClient.mismatches.commit
        .mutate({ workspace, token, confirmCount, idempotencyKey: crypto.randomUUID() })
        .then(
          ({ receiptId }) => {
            close();
            onCommitted();
            void refreshMismatches();
            void watchPlan({ workspace, receiptId }, openReceipt).then(onDone);
          },
          (error: unknown) =>
            showErrorToast("Nothing accepted.", {
              description: `${readError(error).message} No lead was changed.`,
              action: { label: "Preview again", run: () => scope && open(scope) },
            }),
        )
        .finally(() => {
          underWay.current = false;
          setIsCommitting(false);
        });
    },
    recheck: () => {
      if (!token) return;
      trpcClient.mismatches.recheckSkipped.mutate({ workspace, token }).then(
        ({ queued }) =>
          showToast(`Asking the providers about ${countOf(queued, "lead")}.`, {
            description: "Preview again in a moment to take them in.",
            action: { label: "Preview again", run: () => scope && open(scope) },
          }),
        (error: unknown) => showErrorToast("Not re-checked.", { description: readError(error).message }),
      );
    },
  };
}
