import type { DataColumn } from "#client/components/data-table/columns.ts";
import { ProgressBar } from "#client/components/ui/progress-bar.tsx";
import { StateMark } from "#client/components/ui/state-mark.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { readNowMs } from "#client/lib/clock.ts";
import { BACKFILL_STATES } from "#client/lib/vocabulary.ts";
import type { RunRow } from "./run.ts";
import {
  barOf,
  writeCount,
  writeEta,
  writeProcessed,
  writeRange,
  writeRate,
  writeSource,
  writeTook,
} from "./run-text.ts";

export const BACKFILL_COLUMNS: readonly DataColumn<RunRow>[] = [
  {
    id: "state",
    header: "State",
    width: "116px",
    cell: ({ state }) => {
      const word = BACKFILL_STATES[state];
      const label = state === "succeeded_with_exceptions" ? "Done" : word.label;
      return (
        <StateMark shape={word.shape ?? "dot"} tone={word.tone}>
          {label}
        </StateMark>
      );
    },
  },
  {
    id: "what",
    header: "What",
    cell: (run) => (
      <>
        {writeSource(run)} · {writeRange(run, readNowMs())}
        <small>
          {/* Where the progress column has given way. */}
          <span className="hidden @max-[640px]:inline">{run.progress.percent ?? 0}% · </span>
          {describeScope(run)}
        </small>
      </>
    ),
  },
  {
    id: "progress",
    header: "Progress",
    width: "190px",
    hideBelow: 640,
    cell: (run) => (
      <span className="grid gap-1">
        <ProgressBar size="sm" {...barOf(run)} label={`Progress of backfill ${run.number}`} />
        <small>
          {run.progress.percent === null ? "" : `${run.progress.percent}% · `}
          {writeProcessed(run)}
        </small>
      </span>
    ),
  },
  {
    id: "rate",
    header: "Rate / left",
    width: "130px",
    hideBelow: 960,
    cell: ({ progress }) => (
      <>
        {writeRate(progress.ratePerSecond)}
        <small>{writeEta(progress.eta)}</small>
      </>
    ),
  },
  {
    id: "errors",
    header: "Errors",
    width: "84px",
    align: "right",
    hideBelow: 480,
    cell: (run) => {
      const count = run.failed + run.slices.failed;
      return count === 0 ? (
        <span className="text-ink-3">0</span>
      ) : (
        <b className="text-doubt">{writeCount(count)}</b>
      );
    },
  },
  {
    id: "startedBy",
    header: "Started by",
    width: "130px",
    hideBelow: 1160,
    cell: ({ createdBy }) => createdBy ?? "unknown",
  },
  {
    id: "started",
    header: "Started",
    width: "96px",
    hideBelow: 800,
    cell: ({ createdAt }) => <Time kind="age" at={createdAt} />,
  },
  {
    id: "took",
    header: "Took",
    width: "84px",
    hideBelow: 1160,
    cell: (run) => writeTook(run) || <span className="text-ink-3">–</span>,
  },
  {
    id: "id",
    header: "Id",
    width: "64px",
    hideBelow: 1160,
    align: "right",
    cell: ({ number }) => <span className="font-mono text-xs text-ink-3">#{number}</span>,
  },
];

function describeScope(run: RunRow): string {
  const [only, ...others] = run.workspaces;
  return [
    others.length > 0 ? `${run.workspaces.length} workspaces` : only?.name,
    run.dryRun && "dry run",
    run.skipSideEffects && "evidence only",
    run.note,
  ]
    .filter(Boolean)
    .join(" · ");
}

/** What a reader hears for the row. */
export function writeRowLabel(run: RunRow): string {
  const percent = run.progress.percent === null ? "" : `, ${run.progress.percent}%`;
  return `Backfill ${run.number}, ${BACKFILL_STATES[run.state].label}, ${writeSource(run)} ${writeRange(run, readNowMs())}${percent}`;
}
