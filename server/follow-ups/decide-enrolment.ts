import type {
  InstanceStatus,
  LeadStatus,
  Sentiment,
  SequenceTrigger,
  Standing,
} from "#server/db/generated/enums.ts";
import { addDays } from "#server/lib/duration.ts";
import { decideSilence, type SilenceReason } from "./decide-silence.ts";

export type EnrolmentFacts = {
  sequence: { trigger: SequenceTrigger; active: boolean; steps: number };
  lead: { status: LeadStatus; sentiment: Sentiment; sharedBooking: boolean };
  /** The lead's meetings at any provider, as they were last decided. */
  meetings: { standing: Standing; endAt: Date }[];
  /** The lead's unfinished instance of this very sequence. */
  enrolledAs: InstanceStatus | null;
  workspace: { paused: boolean; heldGateDays: number };
  now: Date;
};

export type EnrolmentRefusal =
  | "workspace_paused"
  | "sequence_inactive"
  | "sequence_empty"
  | SilenceReason
  | "lead_booked"
  | "meeting_held_recently"
  | "booking_shared"
  | "no_meeting"
  | "already_enrolled";

export type EnrolmentDecision = { verdict: "enrol" } | { verdict: "refuse"; reason: EnrolmentRefusal };

/**
 * R26 and R28: whether a lead may be entered in a sequence, by whatever path. The first reason counts: what holds for
 * the whole workspace, then what the lead wants, then what its meetings say.
 */
export function decideEnrolment(facts: EnrolmentFacts): EnrolmentDecision {
  const reason = barred(facts) ?? gated(facts);
  if (reason !== null) return { verdict: "refuse", reason };
  if (facts.enrolledAs !== null) return { verdict: "refuse", reason: "already_enrolled" };
  return { verdict: "enrol" };
}

/** R28: nobody gets anything here. */
function barred({ workspace, sequence, lead }: EnrolmentFacts): EnrolmentRefusal | null {
  if (workspace.paused) return "workspace_paused";
  if (!sequence.active) return "sequence_inactive";
  if (sequence.steps === 0) return "sequence_empty";
  return decideSilence(lead)?.reason ?? null;
}

/** R26: who has a meeting is in no sequence but a post-booking one, and who has none is in none of those. */
function gated({ sequence, lead, meetings, workspace, now }: EnrolmentFacts): EnrolmentRefusal | null {
  if (sequence.trigger === "meeting_booked") {
    const hasMeeting = meetings.some(({ standing }) => standing === "live" || standing === "held");
    return hasMeeting || lead.sharedBooking ? null : "no_meeting";
  }
  if (meetings.some(({ standing }) => standing === "live")) return "lead_booked";
  const gateSince = addDays(now, -workspace.heldGateDays);
  if (meetings.some(({ standing, endAt }) => standing === "held" && endAt >= gateSince)) {
    return "meeting_held_recently";
  }
  return lead.sharedBooking ? "booking_shared" : null;
}
