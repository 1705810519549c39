import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { type Action, useActions } from "#client/lib/actions.ts";
import { showErrorToast, showToast } from "#client/lib/toasts.ts";
import { queryClient, readError, trpc } from "#client/lib/trpc.ts";
import { isEnded, type Run } from "./run.ts";
import { writeCount } from "./run-text.ts";

export type RunActions = {
  mayRun: boolean;
  /** Pause or resume, whichever makes sense: `P`. */
  toggle: Action;
  cancel: Action;
  forceStop: Action;
  retry: Action;
  isAskingToCancel: boolean;
  confirmCancel: () => void;
  keepRunning: () => void;
  retryGroup: (code: string) => void;
  isBusy: boolean;
};

/** What a person can do with a run. Each answer is shown at once; the worker follows after its page. */
export function useRunActions(workspace: string, run: Run, mayRun: boolean): RunActions {
  const [isAskingToCancel, setIsAskingToCancel] = useState(false);
  const refresh = () => queryClient.invalidateQueries(trpc.backfills.pathFilter());
  const fail = (what: string) => ({
    onError: (error: unknown) => {
      showErrorToast(`${what} did not happen.`, { description: readError(error).message });
      void refresh();
    },
  });
  const name = `Backfill ${run.number}`;
  const pause = useMutation(
    trpc.backfills.pause.mutationOptions({
      ...fail("The pause"),
      onSuccess: () => {
        showToast(`${name} pauses after the current page.`, { undo: () => resume.mutate(call) });
        return refresh();
      },
    }),
  );
  const resume = useMutation(
    trpc.backfills.resume.mutationOptions({
      ...fail("The resume"),
      onSuccess: () => {
        showToast(`${name} goes on.`);
        return refresh();
      },
    }),
  );
  const cancel = useMutation(
    trpc.backfills.cancel.mutationOptions({
      ...fail("The cancel"),
      onSuccess: () => {
        showToast(`${name} canceled.`);
        return refresh();
      },
    }),
  );
  const retry = useMutation(
    trpc.backfills.retryFailed.mutationOptions({
      ...fail("The retry"),
      onSuccess: () => {
        showToast(`${name} retries what failed.`);
        return refresh();
      },
    }),
  );
  const call = { workspace, id: run.id };
  const isBusy = [pause, resume, cancel, retry].some(({ isPending }) => isPending);
  const canResume = run.state === "paused" || run.state === "pausing" || isParked(run);
  const canPause =
    !canResume && (run.state === "queued" || run.state === "running" || run.state === "waiting");
  const isOver = isEnded(run);
  const open = run.errors.reduce((sum, { records }) => sum + records, 0);
  const group = "Backfill";

  const [toggle, cancelAction, retryAction, forceStop] = useActions([
    {
      id: "run.toggle",
      label: canResume ? "Resume" : "Pause",
      keys: ["p"],
      scope: "list",
      group,
      enabled: mayRun && (canResume || canPause) && !isBusy,
      reason: mayRun
        ? isOver
          ? "This run has ended."
          : "This run is being canceled."
        : "Only an owner or an admin may pause runs.",
      run: () => (canResume ? resume : pause).mutate(call),
    },
    {
      id: "run.cancel",
      label: "Cancel…",
      scope: "list",
      group,
      enabled: mayRun && !isOver && run.state !== "canceling",
      reason: isOver ? "This run has ended." : "This run is being canceled.",
      hidden: isOver,
      run: () => setIsAskingToCancel(true),
    },
    {
      id: "run.retry",
      label: `Retry ${writeCount(open)}`,
      scope: "list",
      group,
      enabled: mayRun && isOver && run.state !== "canceled" && open > 0,
      reason: isOver ? "Nothing failed in this run." : "What failed can be retried when the run has ended.",
      hidden: open === 0,
      run: () => retry.mutate(call),
    },
    {
      id: "run.force-stop",
      label: "Force stop",
      scope: "list",
      group,
      enabled: mayRun && !isOver,
      reason: "This run has ended.",
      hidden: true,
      run: () => cancel.mutate(call),
    },
  ]);
  return {
    mayRun,
    toggle,
    cancel: cancelAction,
    forceStop,
    retry: retryAction,
    isAskingToCancel,
    confirmCancel: () => {
      setIsAskingToCancel(false);
      cancel.mutate(call);
    },
    keepRunning: () => setIsAskingToCancel(false),
    retryGroup: (code) => retry.mutate({ ...call, code }),
    isBusy,
  };
}

/** Parked for a connection: a person may ask again at once, instead of waiting for the next look. */
function isParked(run: Run): boolean {
  return run.state === "waiting" && run.waitReason?.kind === "connection";
}
