import { clsx } from "clsx";
import { useNowMs } from "#client/lib/clock.ts";
import { formatAge } from "#client/lib/time-text.ts";
import {
  type CoverageDay,
  computeCoverageDays,
  type Freshness,
  summarizeCoverage,
} from "./compute-coverage-days.ts";
import type { ConnectionHealth } from "./connection-types.ts";

const CELL = 14;
const GAP = 4;
const MINUTE_MS = 60_000;

const FILL: Record<Freshness, string> = {
  fresh: "fill-proof",
  day: "fill-proof/55",
  old: "fill-proof/25",
  never: "fill-transparent stroke-ink-3 [stroke-dasharray:1.5_2]",
};

const LEGEND: { freshness: Freshness; label: string }[] = [
  { freshness: "fresh", label: "within 30 min" },
  { freshness: "day", label: "within a day" },
  { freshness: "old", label: "longer ago" },
  { freshness: "never", label: "never" },
];

/** Days of the window in weeks, as dark as they were verified lately; what nobody has verified is dotted. */
export function CoverageMap({
  coverage,
  window,
}: {
  coverage: ConnectionHealth["coverage"];
  window: ConnectionHealth["window"];
}) {
  const nowMs = useNowMs(MINUTE_MS);
  const days = computeCoverageDays(coverage, window, nowMs);
  const summary = summarizeCoverage(days, nowMs);
  const weeks = Math.max(0, ...days.map((day) => day.week)) + 1;
  const width = weeks * (CELL + GAP) - GAP;
  const oldest = summary.oldestMs === null ? "" : `, the oldest ${formatAge(summary.oldestMs, nowMs, "UTC")}`;
  const sentence = `${summary.verified} of ${summary.total} days verified${oldest}`;
  return (
    <figure className="flex flex-wrap items-end gap-x-8 gap-y-3">
      <svg
        role="img"
        aria-label={`Coverage: ${sentence}.`}
        viewBox={`0 0 ${width} ${7 * (CELL + GAP)}`}
        // Where there is no room for its cells it shrinks: a map that is cut off hides what lies ahead.
        style={{ flexBasis: width }}
        className="keeps-colour h-auto max-w-full min-w-0"
      >
        {days.map((day) => (
          <Cell key={day.day} day={day} nowMs={nowMs} />
        ))}
      </svg>
      <figcaption className="grid gap-1 text-xs text-ink-3">
        <span className="pb-1 text-sm text-ink">{sentence}</span>
        {LEGEND.map(({ freshness, label }) => (
          <span key={freshness} className="inline-flex items-center gap-1.5">
            <svg aria-hidden="true" width={CELL} height={CELL} className="keeps-colour">
              <rect x="0.5" y="0.5" width={CELL - 1} height={CELL - 1} rx="2" className={FILL[freshness]} />
            </svg>
            {label}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

function Cell({ day, nowMs }: { day: CoverageDay; nowMs: number }) {
  const when =
    day.verifiedMs === null ? "never verified" : `verified ${formatAge(day.verifiedMs, nowMs, "UTC")}`;
  return (
    <rect
      x={day.week * (CELL + GAP) + 0.5}
      y={day.weekday * (CELL + GAP) + 0.5}
      width={CELL - 1}
      height={CELL - 1}
      rx="2"
      className={clsx(FILL[day.freshness], day.isToday && "stroke-ink [stroke-width:1.5]")}
    >
      <title>{`${day.day}${day.isToday ? " (today)" : ""}: ${when}${day.isPartial ? ", one person only" : ""}`}</title>
    </rect>
  );
}
