import { useRef, useState } from "react";
import type { DecisionWords } from "#client/features/mismatches/decision-panel.tsx";
import { forgetMismatch, refreshMismatches, undoReceipt } from "#client/features/mismatches/watch-plan.ts";
import { announce } from "#client/lib/announce.ts";
import { showErrorToast, showToast } from "#client/lib/toasts.ts";
import { readError, trpcClient } from "#client/lib/trpc.ts";

type Target = { id: string; name: string; version: number };

/**
 * One key decides: the row leaves and the next opens at once; the server's answer brings the receipt, or the row back.
 * Several may be under way, and each is answered, also when the person is on another screen by then.
 */
export function useSingleDecision({
  workspace,
  onLeave,
  onSettled,
  onRefused,
  onReturn,
  openReceipt,
}: {
  workspace: string;
  /** The row is settled: take it off the list and open the one that follows; answers that one's name. */
  onLeave: (id: string) => string | null;
  /** The server has it. */
  onSettled: (id: string) => void;
  /** It has not: the row stands where it was. */
  onRefused: (id: string) => void;
  /** Taken back by the person, who goes on with this row. */
  onReturn: (id: string) => void;
  openReceipt: (receiptId: string) => void;
}) {
  const underWay = useRef(new Set<string>());
  const [recheckingId, setRecheckingId] = useState<string | null>(null);

  const restore = async (id: string, receiptId: string) => {
    await undoReceipt({ workspace, receiptId }, openReceipt);
    onReturn(id);
  };
  return {
    isRechecking: recheckingId !== null,
    decide: (target: Target, words: DecisionWords) => {
      // A second key before the next row is on screen still speaks of this one, which has its answer.
      if (underWay.current.has(target.id)) return;
      underWay.current.add(target.id);
      const next = onLeave(target.id);
      announce(`${sentence(words, target.name)} ${next ? `Next: ${next}.` : "No more rows."}`);
      trpcClient.mismatches.decide
        .mutate({ workspace, leadId: target.id, version: target.version, ...words })
        .then(
          ({ receiptId }) => {
            forgetMismatch(target.id);
            onSettled(target.id);
            showToast(sentence(words, target.name), { undo: () => void restore(target.id, receiptId) });
          },
          (error: unknown) => {
            onRefused(target.id);
            showErrorToast(`Not saved for ${target.name}.`, {
              description: `${readError(error).message} The row is back in your list.`,
            });
          },
        )
        .finally(() => {
          underWay.current.delete(target.id);
          void refreshMismatches();
        });
    },
    recheck: (target: Target) => {
      setRecheckingId(target.id);
      trpcClient.mismatches.recheck
        .mutate({ workspace, leadId: target.id })
        .then(
          () => announce(`Asked the providers about ${target.name}.`),
          (error: unknown) =>
            showErrorToast(`Not re-checked: ${target.name}.`, {
              description: `${readError(error).message} The evidence shown is from before.`,
            }),
        )
        .finally(() => {
          setRecheckingId(null);
          void refreshMismatches();
        });
    },
  };
}

function sentence(words: DecisionWords, name: string): string {
  switch (words.decision) {
    case "accept":
      return `Accepted provider evidence for ${name}.`;
    case "keep":
      return `Kept the conversation label of ${name}.`;
    case "needs_info":
      return `Set ${name} aside: needs info.`;
    default:
      return words satisfies never;
  }
}
