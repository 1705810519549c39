import { Link } from "@tanstack/react-router";
import { Button } from "#client/components/ui/button.tsx";
import { readNowMs } from "#client/lib/clock.ts";
import { readError } from "#client/lib/trpc.ts";
import type { RunEstimate } from "./run.ts";
import { writeRange } from "./run-text.ts";
import { type StartTarget, toDay, writeCalls, writeEstimate } from "./start-form.ts";

const DAY_MS = 86_400_000;

/** What the run would cost, and who is reading the same days already. */
export function EstimateLines({
  workspace,
  target,
  estimate,
  error,
  isAsking,
  onNarrow,
}: {
  workspace: string;
  target: StartTarget | null;
  estimate: RunEstimate | undefined;
  error: unknown;
  isAsking: boolean;
  onNarrow: (range: { firstDay: string; lastDay: string }) => void;
}) {
  if (!target) return null;
  return (
    <div className="grid gap-3 border-t border-rule pt-4">
      <p aria-live="polite" className={isAsking ? "text-ink-3" : "text-ink-2"}>
        {error
          ? `No estimate: ${readError(error).message}`
          : estimate
            ? writeEstimate(estimate)
            : "Estimating…"}
        {estimate && !error && <span className="block text-xs text-ink-3">{writeCalls(estimate)}</span>}
      </p>
      {estimate?.overlap.runs.map((run) => (
        <div key={run.id} className="grid gap-2 rounded-md border border-rule bg-well px-3.5 py-3">
          <p>
            Run {run.number} already covers {writeRange(run, readNowMs())}
            {run.percent === null ? "" : ` and is ${run.percent}% done`}.
          </p>
          <p className="flex flex-wrap gap-2">
            <Link
              to="/w/$workspace/backfills/$backfillId"
              params={{ workspace, backfillId: run.id }}
              className="inline-flex h-7 items-center rounded-md border border-control/60 bg-sheet px-2 text-xs hover:bg-hover"
            >
              Open {run.number}
            </Link>
            {estimate.overlap.uncovered
              .filter(({ from, to }) => from.slice(0, 10) !== target.from || to.slice(0, 10) !== target.to)
              .map((range) => (
                <Button
                  key={range.from}
                  size="sm"
                  onClick={() =>
                    onNarrow({
                      firstDay: range.from.slice(0, 10),
                      lastDay: toDay(Date.parse(range.to) - DAY_MS),
                    })
                  }
                >
                  Run only {writeRange(range, readNowMs())}
                </Button>
              ))}
          </p>
        </div>
      ))}
    </div>
  );
}
