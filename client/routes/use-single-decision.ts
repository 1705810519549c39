import { useMutation } from "@tanstack/react-query";
import type { DecisionWords } from "#client/features/mismatches/decision-panel.tsx";
import { refreshMismatches, undoReceipt } from "#client/features/mismatches/watch-plan.ts";
import { announce } from "#client/lib/announce.ts";
import { showErrorToast, showToast } from "#client/lib/toasts.ts";
import { readError, trpc } from "#client/lib/trpc.ts";

type Target = { id: string; name: string; version: number };

/** One key decides: the row leaves and the next opens at once; the server's answer brings the receipt, or the row back. */
export function useSingleDecision({
  workspace,
  onLeave,
  onReturn,
  openReceipt,
}: {
  workspace: string;
  /** The row is settled: take it off the list and open the one that follows; answers that one's name. */
  onLeave: (id: string) => string | null;
  onReturn: (id: string) => void;
  openReceipt: (receiptId: string) => void;
}) {
  const decide = useMutation(trpc.mismatches.decide.mutationOptions());
  const recheck = useMutation(trpc.mismatches.recheck.mutationOptions());

  const restore = async (id: string, receiptId: string) => {
    await undoReceipt({ workspace, receiptId }, openReceipt);
    onReturn(id);
  };
  return {
    isRechecking: recheck.isPending,
    decide: (target: Target, words: DecisionWords) => {
      const next = onLeave(target.id);
      announce(`${sentence(words, target.name)} ${next ? `Next: ${next}.` : "No more rows."}`);
      decide.mutate(
        { workspace, leadId: target.id, version: target.version, ...words },
        {
          onSuccess: ({ receiptId }) => {
            void refreshMismatches();
            showToast(sentence(words, target.name), { undo: () => void restore(target.id, receiptId) });
          },
          onError: (error) => {
            void refreshMismatches().then(() => onReturn(target.id));
            showErrorToast(`Not saved for ${target.name}.`, {
              description: `${readError(error).message} The row is back in your list.`,
            });
          },
        },
      );
    },
    recheck: (target: Target) =>
      recheck.mutate(
        { workspace, leadId: target.id },
        {
          onSuccess: () => {
            void refreshMismatches();
            announce(`Asked the providers about ${target.name}.`);
          },
          onError: (error) =>
            showErrorToast(`Not re-checked: ${target.name}.`, {
              description: `${readError(error).message} The evidence shown is from before.`,
            }),
        },
      ),
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
