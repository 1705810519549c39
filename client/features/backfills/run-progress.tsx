import { ProgressBar } from "#client/components/ui/progress-bar.tsx";
import { ShapeMark } from "#client/components/ui/state-mark.tsx";
import type { Run } from "./run.ts";
import { barOf, writeCount, writeEta, writeProcessed, writeRate } from "./run-text.ts";

/** How far, how fast, until when; and where it would resume. */
export function RunProgress({ run }: { run: Run }) {
  const { progress } = run;
  const rate = writeRate(progress.ratePerSecond);
  const eta = writeEta(progress.eta);
  return (
    <section aria-label="Progress" className="grid gap-2.5">
      <div className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
        <p className="text-2xl font-semibold tracking-tight">
          {progress.percent ?? 0}
          <span className="text-lg text-ink-3"> %</span>
        </p>
        <p className="text-ink-2">
          {writeProcessed(run)}
          {rate && ` · ${rate} over the last minute`}
          {eta && (
            <>
              {" · "}
              <b className="text-ink">{eta}</b>
            </>
          )}
        </p>
      </div>
      <ProgressBar {...barOf(run)} label={`Backfill ${run.number}`} />
      <div className="flex flex-wrap items-baseline gap-x-5 gap-y-1 text-ink-2">
        <Count shape="check" className="text-proof" count={run.done} label="new or changed" />
        {run.known > 0 && <Count shape="none" count={run.known} label="already known" />}
        {run.failed > 0 && (
          <Count
            shape="half"
            className="text-doubt"
            count={run.failed}
            label={run.failed === 1 ? "needs attention" : "need attention"}
          />
        )}
        {run.cursor && (
          <span className="sm:ml-auto">At {run.cursor.label}. Stops and resumes from here.</span>
        )}
      </div>
    </section>
  );
}

function Count({
  shape,
  count,
  label,
  className = "text-ink-2",
}: {
  shape: "check" | "none" | "half";
  count: number;
  label: string;
  className?: string;
}) {
  return (
    <span className={`inline-flex items-baseline gap-1.5 whitespace-nowrap ${className}`}>
      <ShapeMark shape={shape} />
      {writeCount(count)} {label}
    </span>
  );
}
