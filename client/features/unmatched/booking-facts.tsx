import { Facts } from "#client/components/ui/facts.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { Quote, Timeline, TimelineItem } from "#client/components/ui/timeline.tsx";
import { APPOINTMENT_STATUSES, PROVIDERS, SOURCES } from "#client/lib/vocabulary.ts";
import type { UnmatchedDetail } from "./words.ts";

/** What the provider says: who says, what, as of when. */
export function BookingFacts({
  booking,
  workspaceZone,
}: {
  booking: UnmatchedDetail;
  workspaceZone: string;
}) {
  const zones = { zone: booking.attendeeTimezone, workspaceZone };
  const isLost = APPOINTMENT_STATUSES[booking.status].tone === "lost";
  return (
    <div className="grid gap-3">
      <Timeline label="Provider record">
        <TimelineItem
          dot={booking.status === "vanished" ? "unknown" : isLost ? "neutral" : "proof"}
          title={
            <>
              <b>{PROVIDERS[booking.provider].label}</b>{" "}
              {booking.unknownWord ? `“${booking.unknownWord}”` : APPOINTMENT_STATUSES[booking.status].label}
            </>
          }
          meta={
            <>
              as of <Time kind="age" at={booking.asOf} />, {SOURCES[booking.source].label}
            </>
          }
        >
          {booking.canceledAt && (
            <p className="text-ink-2">
              canceled{booking.canceledByType === "host" && " by the host"}{" "}
              <Time kind="age" at={booking.canceledAt} />
            </p>
          )}
          {booking.cancelReason && <Quote>{booking.cancelReason}</Quote>}
        </TimelineItem>
      </Timeline>
      <Facts
        facts={[
          {
            label: "When",
            value: (
              <>
                <Time kind="meeting" at={booking.startAt} {...zones} />
                <small className="block text-xs text-ink-3">
                  <Time kind="meeting-mine" at={booking.startAt} {...zones} />
                </small>
              </>
            ),
          },
          { label: "Meeting", value: booking.title ?? "untitled" },
          { label: "With", value: booking.organizerName ?? "unknown" },
          ...(booking.tracking.length > 0
            ? [{ label: "Link carried", value: booking.tracking.join(", ") }]
            : []),
          { label: "First seen", value: <Time kind="age" at={booking.firstSeenAt} /> },
        ]}
      />
    </div>
  );
}
