import { readMyZone } from "#client/lib/preferences.ts";
import { formatMoment } from "#client/lib/time-text.ts";
import type { ConnectionHealth } from "./connection-types.ts";

type Hour = ConnectionHealth["hours"][number];

const WIDTH = 24;
const HEIGHT = 60;
const OUTAGE_HEIGHT = 8;

/** A day of deliveries by the hour. */
export function DeliveryStrip({
  hours,
  failingSince,
}: {
  hours: readonly Hour[];
  failingSince: string | null;
}) {
  const most = Math.max(1, ...hours.map(countAll));
  const ticks = hours.filter((_, at) => at % 6 === 0);
  return (
    <figure className="grid gap-1.5">
      <svg
        role="img"
        aria-label={describeHours(hours)}
        viewBox={`0 0 ${hours.length * WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="keeps-colour h-26 w-full"
      >
        {hours.map((hour, at) => (
          <Bar
            key={hour.startAt}
            hour={hour}
            x={at * WIDTH}
            scale={HEIGHT / most}
            isOutage={isOutage(hour, failingSince)}
          />
        ))}
      </svg>
      <figcaption className="flex justify-between text-2xs text-ink-3" aria-hidden="true">
        {ticks.map((hour) => (
          <span key={hour.startAt}>{clockOf(hour)}</span>
        ))}
        <span>now</span>
      </figcaption>
    </figure>
  );
}

/** What was taken in grey, what was not above it in amber; an hour of an outage is amber though nothing came. */
function Bar({ hour, x, scale, isOutage }: { hour: Hour; x: number; scale: number; isOutage: boolean }) {
  const bad = hour.refused + hour.failed;
  const good = countAll(hour) - bad;
  const goodHeight = good > 0 ? Math.max(3, good * scale) : 0;
  const badHeight = bad > 0 ? Math.max(3, bad * scale) : isOutage ? OUTAGE_HEIGHT : 0;
  const place = { x: x + 1.5, width: WIDTH - 3 };
  return (
    <g>
      <title>{titleOf(hour)}</title>
      {goodHeight + badHeight === 0 && (
        <rect {...place} y={HEIGHT - 1} height={1} className="fill-rule-strong" />
      )}
      <rect {...place} y={HEIGHT - goodHeight} height={goodHeight} rx="2" className="fill-ink-3" />
      <rect
        {...place}
        y={Math.max(0, HEIGHT - goodHeight - badHeight)}
        height={badHeight}
        rx="2"
        className="fill-doubt"
      />
    </g>
  );
}

export function sumHours(hours: readonly Hour[]) {
  const sum = { accepted: 0, duplicates: 0, ignored: 0, refused: 0, failed: 0 };
  for (const hour of hours) {
    sum.accepted += hour.accepted;
    sum.duplicates += hour.duplicates;
    sum.ignored += hour.ignored;
    sum.refused += hour.refused;
    sum.failed += hour.failed;
  }
  return sum;
}

function countAll(hour: Hour): number {
  return hour.accepted + hour.duplicates + hour.ignored + hour.refused + hour.failed;
}

function isOutage(hour: Hour, failingSince: string | null): boolean {
  const end = new Date(hour.startAt).getTime() + 3_600_000;
  return failingSince !== null && hour.accepted === 0 && end > new Date(failingSince).getTime();
}

/** Within one day the clock alone is plain. */
function clockOf(hour: Hour): string {
  const at = new Date(hour.startAt).getTime();
  return formatMoment(at, at, readMyZone());
}

function titleOf(hour: Hour): string {
  const parts = [
    `${hour.accepted} accepted`,
    hour.duplicates && `${hour.duplicates} repeats`,
    hour.ignored && `${hour.ignored} ignored`,
    hour.refused && `${hour.refused} refused`,
    hour.failed && `${hour.failed} failed`,
  ];
  return `${clockOf(hour)}: ${parts.filter(Boolean).join(", ")}`;
}

function describeHours(hours: readonly Hour[]): string {
  const sum = sumHours(hours);
  const busiest = hours.reduce((a, b) => (countAll(b) > countAll(a) ? b : a));
  const peak = countAll(busiest) > 0 ? ` Busiest hour: ${titleOf(busiest)}.` : "";
  return `Deliveries of the last 24 hours: ${sum.accepted} accepted, ${sum.refused} refused, ${sum.failed} failed.${peak}`;
}
