import { useEffect, useRef } from "react";
import { Page } from "#client/components/layout/page.tsx";
import { Card, Facts } from "#client/components/ui/facts.tsx";
import { StateMark } from "#client/components/ui/state-mark.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { announce } from "#client/lib/announce.ts";
import { readNowMs } from "#client/lib/clock.ts";
import { BACKFILL_STATES } from "#client/lib/vocabulary.ts";
import { CancelDialog } from "./cancel-dialog.tsx";
import { CoverageStrip } from "./coverage-strip.tsx";
import { FoundSoFar } from "./found-so-far.tsx";
import { isEnded, type Run, type RunSlice } from "./run.ts";
import { RunErrors } from "./run-errors.tsx";
import { RunLog } from "./run-log.tsx";
import { RunNoticeBox } from "./run-notice.tsx";
import { RunProgress } from "./run-progress.tsx";
import { writeRange, writeTook } from "./run-text.ts";
import type { RunActions } from "./use-run-actions.ts";

/** One run: how far, what it says, what it found, what is proven, what needs attention, and every slice. */
export function RunPage({
  run,
  slices,
  workspace,
  actions,
}: {
  run: Run;
  slices: readonly RunSlice[];
  workspace: string;
  actions: RunActions;
}) {
  useProgressAnnouncement(run);
  return (
    <Page>
      <RunProgress run={run} />
      <RunNoticeBox run={run} actions={actions} />
      <div className="grid gap-4.5 lg:grid-cols-3">
        <FoundSoFar run={run} />
        <Card
          title="Coverage: when each day was last verified"
          aside={writeRange(run, readNowMs())}
          className="lg:col-span-2"
        >
          <CoverageStrip run={run} workspace={workspace} mayRun={actions.mayRun} />
          <RunErrors run={run} actions={actions} />
        </Card>
      </div>
      <Card title="Settings">
        <Settings run={run} />
      </Card>
      <Card title="Log" aside={slices.length > 0 ? "latest first" : undefined}>
        <RunLog slices={slices} showsWorkspace={run.workspaces.length > 1} />
      </Card>
      <CancelDialog
        run={run}
        isOpen={actions.isAskingToCancel && !isEnded(run)}
        onConfirm={actions.confirmCancel}
        onClose={actions.keepRunning}
      />
    </Page>
  );
}

function Settings({ run }: { run: Run }) {
  const word = BACKFILL_STATES[run.state];
  return (
    <Facts
      isWide
      facts={[
        {
          label: "State",
          value: (
            <span className="inline-flex flex-wrap items-center gap-x-1.5">
              <StateMark shape={word.shape ?? "dot"} tone={word.tone}>
                {word.label}
              </StateMark>
              <span>
                since <Time kind="moment" at={run.stateSince} seconds />
              </span>
            </span>
          ),
        },
        { label: "How", value: run.mode === "lookup" ? "Lead by lead" : "By calendar" },
        { label: "Mode", value: run.dryRun ? "Dry run: writes nothing" : "Run" },
        { label: "What", value: run.skipSideEffects ? "Evidence only" : "Meetings and what follows" },
        { label: "Workspaces", value: run.workspaces.map(({ name }) => name).join(", ") },
        {
          label: "Started",
          value: (
            <>
              <Time kind="moment" at={run.createdAt} />
              {run.createdBy && ` by ${run.createdBy}`}
            </>
          ),
        },
        ...(run.endedAt
          ? [
              {
                label: "Ended",
                value: (
                  <>
                    <Time kind="moment" at={run.endedAt} />
                    {writeTook(run) && `, took ${writeTook(run)}`}
                  </>
                ),
              },
            ]
          : []),
        ...(run.note ? [{ label: "Note", value: run.note }] : []),
      ]}
    />
  );
}

const STEP_PERCENT = 10;
const STEP_MS = 60_000;

/** A reader hears how far it is every ten percent or every minute, whichever comes first, and how it ended. */
function useProgressAnnouncement(run: Run): void {
  const { percent, processed } = run.progress;
  const last = useRef({ percent, state: run.state, atMs: 0 });
  useEffect(() => {
    const nowMs = performance.now();
    const before = last.current;
    if (before.atMs === 0) before.atMs = nowMs;
    const word = BACKFILL_STATES[run.state].label;
    if (before.state !== run.state) {
      last.current = { percent, state: run.state, atMs: nowMs };
      announce(`Backfill ${run.number}: ${word}.`);
      return;
    }
    const isStep = percent !== null && percent - (before.percent ?? 0) >= STEP_PERCENT;
    if (isEnded(run) || (!isStep && nowMs - before.atMs < STEP_MS)) return;
    last.current = { percent, state: run.state, atMs: nowMs };
    const far = percent === null ? `${processed.toLocaleString("en-US")} meetings` : `${percent} percent`;
    announce(`Backfill ${run.number}: ${far}.`);
  }, [run, percent, processed]);
}
