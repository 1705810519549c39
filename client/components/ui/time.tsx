import { clsx } from "clsx";
import type { ReactNode } from "react";
import { useNowMs } from "#client/lib/clock.ts";
import { useMyZone } from "#client/lib/preferences.ts";
import {
  abbreviateZone,
  formatAge,
  formatClock,
  formatDate,
  formatDeadline,
  formatMeeting,
  formatMeetingMine,
  formatMoment,
  isKnownZone,
  listReadings,
} from "#client/lib/time-text.ts";

type Instant = Date | string;

/** A lead's zone may be unknown; then times are read in the workspace's zone and say so. */
type LeadZone = { zone: string | null; workspaceZone?: string };

type TimeProps = { className?: string } & (
  | ({ kind: "meeting"; at: Instant } & LeadZone)
  | ({ kind: "meeting-mine"; at: Instant } & LeadZone)
  | { kind: "age"; at: Instant }
  | { kind: "deadline"; at: Instant; form?: "long" | "short" }
  | { kind: "moment"; at: Instant; seconds?: boolean }
  | { kind: "date"; at: Instant }
  | ({ kind: "clock"; afterHours?: boolean } & LeadZone)
);

const MINUTE_MS = 60_000;
const NEXT_SECONDS_MS = 2 * MINUTE_MS;

/**
 * Every time on screen. Ages and countdowns tick from one shared timer on the server's clock: each second while the
 * text shows seconds, each minute after that.
 */
export function Time(props: TimeProps): ReactNode {
  const myZone = useMyZone();
  const minuteMs = useNowMs(MINUTE_MS);
  const atMs = props.kind === "clock" ? minuteMs : new Date(props.at).getTime();
  const showsSeconds =
    (props.kind === "age" || props.kind === "deadline") && Math.abs(minuteMs - atMs) < NEXT_SECONDS_MS;
  const nowMs = useNowMs(showsSeconds ? 1000 : MINUTE_MS);
  if (Number.isNaN(atMs)) return <span className={props.className}>unknown</span>;

  const leadZone = "zone" in props && props.zone && isKnownZone(props.zone) ? props.zone : null;
  const fallbackZone = ("workspaceZone" in props && props.workspaceZone) || myZone;
  const zone = leadZone ?? fallbackZone;
  // The operator's own line is certain whatever the lead's zone is.
  const isGuess = (props.kind === "meeting" || props.kind === "clock") && leadZone === null;
  const unknownZone = `time zone unknown (using ${"workspaceZone" in props && props.workspaceZone ? "workspace" : "yours"}: ${abbreviateZone(atMs, zone)})`;
  const readings = listReadings(atMs, leadZone, myZone, nowMs)
    .map((reading) => `${reading.label}: ${reading.text}`)
    .join("\n");
  return (
    <time
      dateTime={new Date(atMs).toISOString()}
      title={isGuess ? `${unknownZone}\n${readings}` : readings}
      className={clsx(
        isGuess && "underline decoration-dotted decoration-ink-3 underline-offset-3",
        props.className,
      )}
    >
      {writeTime(props, { atMs, nowMs, zone, myZone })}
      {isGuess && <span className="sr-only">, {unknownZone}</span>}
    </time>
  );
}

function writeTime(
  props: TimeProps,
  { atMs, nowMs, zone, myZone }: { atMs: number; nowMs: number; zone: string; myZone: string },
): ReactNode {
  switch (props.kind) {
    case "meeting":
      return formatMeeting(atMs, zone, nowMs);
    case "meeting-mine":
      return formatMeetingMine(atMs, zone, myZone);
    case "age":
      return formatAge(atMs, nowMs, myZone);
    case "moment":
      return formatMoment(atMs, nowMs, myZone, { seconds: props.seconds ?? false });
    case "date":
      return formatDate(atMs, nowMs, myZone);
    case "deadline": {
      const { text, isOverdue } = formatDeadline(atMs, nowMs, myZone, props.form);
      return isOverdue ? <b className="font-semibold text-lost">{text}</b> : text;
    }
    case "clock":
      return (
        <>
          {formatClock(atMs, zone)} {abbreviateZone(atMs, zone)}
          {props.afterHours && <span aria-hidden="true"> ☾</span>}
        </>
      );
    default:
      return props satisfies never;
  }
}
