import { readMyZone } from "#client/lib/preferences.ts";
import { formatMoment } from "#client/lib/time-text.ts";
import type { ConnectionHealth } from "./connection-types.ts";

type Hour = ConnectionHealth["hours"][number];

const WIDTH = 24;
const HEIGHT = 60;
const FAILING_HEIGHT = 8;

/** A day of deliveries by the hour. Amber hours had refusals, failures, or nothing because the provider could not reach us. */
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
        {hours.map((hour, at) => {
          const isFailing = isFailingHour(hour, failingSince);
          const share = (countAll(hour) / most) * HEIGHT;
          const height = Math.max(countAll(hour) > 0 ? 3 : 1, share, isFailing ? FAILING_HEIGHT : 0);
          return (
            <rect
              key={hour.startAt}
              x={at * WIDTH + 1.5}
              width={WIDTH - 3}
              y={HEIGHT - height}
              height={height}
              rx="2"
              className={isFailing ? "fill-doubt" : countAll(hour) > 0 ? "fill-ink-3" : "fill-rule-strong"}
            >
              <title>{titleOf(hour)}</title>
            </rect>
          );
        })}
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

function isFailingHour(hour: Hour, failingSince: string | null): boolean {
  const end = new Date(hour.startAt).getTime() + 3_600_000;
  const isOutage = failingSince !== null && hour.accepted === 0 && end > new Date(failingSince).getTime();
  return hour.refused > 0 || hour.failed > 0 || isOutage;
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
