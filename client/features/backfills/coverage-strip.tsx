import { Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import { useNowMs } from "#client/lib/clock.ts";
import { computeStrip, type Freshness } from "./compute-strip.ts";
import { isEnded, type Run } from "./run.ts";
import { addDays, writeCount, writeRange } from "./run-text.ts";

const BARS: Record<Freshness, string> = {
  today: "bg-proof",
  week: "bg-proof/45",
  older: "bg-proof/20",
  never: "border border-dotted border-rule-strong",
};
const WORDS: Record<Freshness, string> = {
  today: "today",
  week: "this week",
  older: "earlier",
  never: "never",
};
const MINUTE_MS = 60_000;

/** Days × freshness: what is proven, and since when. The unknown is dotted. */
export function CoverageStrip({ run, workspace, mayRun }: { run: Run; workspace: string; mayRun: boolean }) {
  const nowMs = useNowMs(MINUTE_MS);
  const { coverage } = run;
  const bars = computeStrip(coverage.days, nowMs);
  const shown = new Set(bars.map(({ freshness }) => freshness));
  const unverified = `${writeCount(coverage.unverified)} ${coverage.unverified === 1 ? "day" : "days"} unverified`;
  return (
    <figure className="grid gap-2.5">
      <div
        role="img"
        aria-label={`Coverage of ${writeRange(run, nowMs)}: ${coverage.unverified === 0 ? "every day verified" : unverified}`}
        className="keeps-colour flex h-6 gap-px overflow-hidden sm:gap-0.5"
      >
        {bars.map((bar) => (
          <i
            key={bar.from}
            title={`${writeRange({ from: bar.from, to: addDays(bar.from, bar.days) }, nowMs)}: ${bar.freshness === "never" ? "never verified" : `verified ${WORDS[bar.freshness]}`}`}
            className={clsx("min-w-px flex-1 rounded-[2px]", BARS[bar.freshness])}
          />
        ))}
      </div>
      <figcaption className="flex flex-wrap items-baseline gap-x-4 gap-y-1 text-xs text-ink-3">
        {(Object.keys(BARS) as Freshness[])
          .filter((freshness) => shown.has(freshness))
          .map((freshness) => (
            <span key={freshness} className="inline-flex items-baseline gap-1.5">
              <i
                aria-hidden="true"
                className={clsx("keeps-colour size-2.5 rounded-[2px]", BARS[freshness])}
              />
              {WORDS[freshness]}
            </span>
          ))}
        <span className="ml-auto">
          {coverage.unverified === 0 ? "every day verified" : unverified}
          {/* While the run goes on it is filling the gap itself. */}
          {coverage.gap && mayRun && isEnded(run) && (
            <Link
              to="/w/$workspace/backfills"
              params={{ workspace }}
              search={{ start: true, from: coverage.gap.from.slice(0, 10), to: coverage.gap.to.slice(0, 10) }}
              className="ml-1.5 font-medium text-accent hover:underline"
            >
              Backfill this gap
            </Link>
          )}
        </span>
      </figcaption>
    </figure>
  );
}
