import type {
  AppointmentStatus,
  ConnectionState,
  LeadStatus,
  MeetingState,
  MismatchCause,
  Provider,
  Source,
} from "#server/db/generated/enums.ts";
import { addDays } from "#server/lib/duration.ts";
import { PROTECTED_STATUSES } from "#server/reconcile/decide-transition.ts";

export type CauseAppointment = {
  id: string;
  provider: Provider;
  status: AppointmentStatus;
  startAt: Date;
  /** When it was booked, as far as we know. */
  bookedAt: Date;
  /** The record that this row is a copy of (R7). */
  mirrorOfId: string | null;
  /** For a rescheduled one: whether the booking that replaced it is known, and whose it is. */
  successor: "linked" | "unmatched" | "unknown" | null;
};

export type CauseConnection = {
  provider: Provider;
  state: ConnectionState;
  fullScope: boolean;
};

export type CauseFacts = {
  lead: {
    status: LeadStatus;
    statusAt: Date;
    statusSource: Source;
    meetingState: MeetingState;
    claimAt: Date | null;
    mismatchSince: Date | null;
    meetingChangedAt: Date | null;
    lostAt: Date | null;
    linkSentAt: Date | null;
    /** The lead carries an id of a HighLevel contact. */
    hasContactId: boolean;
  };
  appointments: CauseAppointment[];
  /** All of the workspace, those that are off included. */
  connections: CauseConnection[];
  /** When a connection was failing; `to` is null while it still is. */
  outages: { from: Date; to: Date | null }[];
  /** An unmatched booking looks like this person's (R11). */
  hasSuggestedBooking: boolean;
  window: { from: Date; to: Date };
};

/** R24: why claim, status and evidence disagree. The first that is true wins, most specific first. */
export function decideCause(facts: CauseFacts): MismatchCause {
  return CAUSES.find(([, holds]) => holds(facts))?.[0] ?? "no_trace";
}

const CAUSES: [MismatchCause, (facts: CauseFacts) => boolean][] = [
  ["provider_missed_cancel", hasMissedCancel],
  ["rescheduled_not_linked", hasLooseReschedule],
  ["other_identity", (facts) => facts.hasSuggestedBooking],
  ["outside_window", isOutsideWindow],
  ["feed_gap", hadFeedGap],
  ["calendar_not_connected", isCalendarMissing],
  ["status_protected", ({ lead }) => PROTECTED_STATUSES.includes(lead.status)],
  ["set_by_hand", isSetByHand],
  ["canceled_after_claim", isCanceledAfterClaim],
  ["link_sent_not_booked", isLinkUnused],
];

/** HighLevel's copy of a Calendly booking is never updated when Calendly cancels it. */
function hasMissedCancel({ appointments }: CauseFacts): boolean {
  return appointments.some(
    (copy) =>
      copy.mirrorOfId !== null &&
      copy.status === "confirmed" &&
      appointments.some(
        (record) =>
          record.id === copy.mirrorOfId && (record.status === "canceled" || record.status === "vanished"),
      ),
  );
}

function hasLooseReschedule({ appointments }: CauseFacts): boolean {
  return appointments.some((a) => a.successor === "unknown" || a.successor === "unmatched");
}

function isOutsideWindow({ appointments, window }: CauseFacts): boolean {
  return (
    appointments.length > 0 && appointments.every((a) => a.startAt < window.from || a.startAt >= window.to)
  );
}

/** From a day before the claim on: what was booked then may have gone by unseen. */
function hadFeedGap({ lead, outages }: CauseFacts): boolean {
  const claimedAt = lead.claimAt ?? lead.mismatchSince;
  if (claimedAt === null) return outages.some((gap) => gap.to === null);
  const from = addDays(claimedAt, -1);
  return outages.some((gap) => gap.to === null || gap.to >= from);
}

/**
 * A provider counts as missing where the workspace or this lead ever had to do with it. A workspace that has always
 * used one provider misses nothing; otherwise this cause would hide every later one there.
 */
function isCalendarMissing({ lead, appointments, connections }: CauseFacts): boolean {
  const active = connections.filter((c) => c.state !== "off");
  if (active.length === 0 || active.some((c) => !c.fullScope)) return true;
  const expected = [
    ...connections.map((c) => c.provider),
    ...appointments.map((a) => a.provider),
    ...(lead.hasContactId ? (["highlevel"] as const) : []),
  ];
  return expected.some((provider) => !active.some((c) => c.provider === provider));
}

function isSetByHand({ lead }: CauseFacts): boolean {
  const evidenceAt = lead.meetingChangedAt ?? lead.lostAt;
  const isByHand = lead.statusSource === "operator" || lead.statusSource === "import";
  return isByHand && evidenceAt !== null && lead.statusAt > evidenceAt;
}

function isCanceledAfterClaim({ lead }: CauseFacts): boolean {
  const isLost =
    lead.meetingState === "canceled" || lead.meetingState === "no_show" || lead.meetingState === "vanished";
  return isLost && lead.claimAt !== null && lead.lostAt !== null && lead.lostAt > lead.claimAt;
}

function isLinkUnused({ lead, appointments }: CauseFacts): boolean {
  const { linkSentAt } = lead;
  return linkSentAt !== null && !appointments.some((a) => a.bookedAt > linkSentAt);
}
