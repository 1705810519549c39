import { useCallback, useRef } from "react";
import { announce } from "#client/lib/announce.ts";
import { showErrorToast, showToast } from "#client/lib/toasts.ts";
import { readError, trpcClient } from "#client/lib/trpc.ts";
import { describeLogged } from "./describe-logged.ts";
import type { LogInput, Outcome, RedTask } from "./red-queue-types.ts";
import { readConflict } from "./use-claims.ts";
import { describeConflict, outcomeWord } from "./words.ts";

export type OutcomeDetails = Pick<LogInput, "at" | "reason" | "appointmentId">;

type Hands = {
  slug: string;
  zoneOf: (task: RedTask) => string;
  /** Takes the row away and goes on with the next one; answers whom. */
  onGone: (task: RedTask) => RedTask | null;
  /** The server has it: readings of the task from before this version are old. */
  onLogged: (task: RedTask, version: number) => void;
  /** The outcome did not take: the row is back where it was. */
  onBack: (task: RedTask) => void;
  onUndone: (task: RedTask, restored: { version: number; leaseUntil: string | null }) => void;
  onSettled: () => void;
  readClaimedVersion: (taskId: string) => Promise<number | null>;
};

/**
 * Logs an outcome the way hands work: the row is gone and the next one open before the server has answered; what it
 * refuses comes back with a reason.
 */
export function useOutcomes(hands: Hands) {
  const underWay = useRef(new Set<string>());
  const log = useCallback(
    (task: RedTask, outcome: Outcome, details: OutcomeDetails = {}) => {
      // A second key before the next task is on screen still speaks of this one, which has its answer.
      if (underWay.current.has(task.id)) return;
      underWay.current.add(task.id);
      const word = outcomeWord(outcome);
      const next = hands.onGone(task);
      announce(`${word} logged. ${next ? `Next: ${next.lead.name}.` : "No task is left here."}`);
      void send(hands, task, outcome, details).then(
        (logged) => {
          underWay.current.delete(task.id);
          hands.onLogged(task, logged.version);
          const { title, description } = describeLogged(task, logged, hands.zoneOf(task));
          const undo = logged.undoUntil === null ? {} : { undo: () => takeBack(hands, task, word) };
          showToast(title, { description, ...undo });
          hands.onSettled();
        },
        (error: unknown) => {
          underWay.current.delete(task.id);
          hands.onBack(task);
          hands.onSettled();
          const conflict = readConflict(error);
          const retry = () => log(task, outcome, details);
          showErrorToast(`Not saved: “${word}” for ${task.lead.name}.`, {
            description: conflict
              ? describeConflict(conflict.what, conflict.who?.name ?? null)
              : `${readError(error).message} The task is back in your list.`,
            ...(conflict ? {} : { action: { label: "Retry", run: retry } }),
          });
        },
      );
    },
    [hands],
  );
  return { log };
}

async function send(
  { slug, readClaimedVersion }: Hands,
  task: RedTask,
  outcome: Outcome,
  details: OutcomeDetails,
) {
  // A key pressed right after Enter: the claim is on its way or not yet drawn, and its answer carries the version.
  const version = Math.max((await readClaimedVersion(task.id)) ?? 0, task.version);
  return trpcClient.redQueue.logOutcome.mutate({
    workspace: slug,
    taskId: task.id,
    version,
    outcome,
    ...details,
  });
}

function takeBack(hands: Hands, task: RedTask, word: string): void {
  trpcClient.redQueue.undoOutcome.mutate({ workspace: hands.slug, taskId: task.id }).then(
    (restored) => {
      hands.onUndone(task, restored);
      hands.onSettled();
      announce(`${word} taken back for ${task.lead.name}.`);
    },
    (error: unknown) => {
      hands.onSettled();
      showErrorToast(`Not undone: “${word}” for ${task.lead.name}.`, {
        description: readError(error).message,
      });
    },
  );
}
