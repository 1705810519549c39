import type { TimelineDot } from "#client/components/ui/timeline.tsx";
import {
  APPOINTMENT_STATUSES,
  LEAD_STATUSES,
  PROVIDERS,
  SOURCES,
  TASK_OUTCOMES,
} from "#client/lib/vocabulary.ts";
import type { TimelineEntry } from "./lead-types.ts";

/** What a line's dot says: solid for evidence, dashed for a claim, dotted for what nobody knows. */
export function decideDot({ basis, kind }: TimelineEntry): TimelineDot {
  if (basis === "claim") return "claim";
  if (basis === "act") return "neutral";
  switch (kind) {
    case "booked":
    case "restored":
    case "showed":
      return "proof";
    case "canceled":
    case "no_show":
      return "lost";
    case "vanished":
      return "unknown";
    default:
      return "neutral";
  }
}

/** The event itself, in words; times stand beside it. */
export function describeEvidence(entry: TimelineEntry): string {
  const { kind, meeting } = entry;
  const provider = entry.provider ? PROVIDERS[entry.provider].label : "A provider";
  const host = meeting?.organizerName ? ` with ${meeting.organizerName}` : "";
  switch (kind) {
    case "booked":
      return `Booked: ${meeting?.title ?? "meeting"}${host}`;
    case "canceled":
      if (entry.provider === "highlevel") return "Canceled in HighLevel";
      if (meeting?.canceledByType === "invitee") return "Canceled by the lead";
      if (meeting?.canceledByType === "host") return "Canceled by the host";
      return `Canceled in ${provider}`;
    case "no_show":
      return "Did not come";
    case "showed":
      return "Came to the meeting";
    case "moved":
      return "Moved to another time";
    case "rescheduled":
      return "Moved: a new booking takes its place";
    case "vanished":
      return `${provider} no longer knows the meeting`;
    case "restored":
      return "Stands again";
    case "linked":
      return "Linked to this lead";
    case "unlinked":
      return "No longer linked to this lead";
    case "mirrored":
      return "Recognised as a copy of the same meeting";
    case "marked":
      return entry.to === "showed" || entry.to === "no_show"
        ? `Marked by hand: ${APPOINTMENT_STATUSES[entry.to].label}`
        : "Mark taken back";
    default:
      return kind.replaceAll("_", " ");
  }
}

/** How we know: `Calendly webhook`. */
export function describeSource({ provider, source, kind, actorName }: TimelineEntry): string {
  if (kind === "marked") return actorName ?? "operator";
  // Whose it is no provider says.
  if (kind === "linked" || kind === "unlinked") return source ? SOURCES[source].label : "";
  return [provider && PROVIDERS[provider].label, source && SOURCES[source].label].filter(Boolean).join(" ");
}

const TRANSITIONS: Record<string, string> = {
  lead_booked: "a meeting was found",
  meeting_lost: "the meeting was lost",
  meeting_no_show: "the lead did not come",
  meeting_moved: "the meeting moved",
  meeting_vanished: "the meeting vanished",
};

/** What somebody did here, or what a rule of ours did because of the evidence. */
export function describeAct(entry: TimelineEntry): string {
  const who = entry.actorName ?? (entry.actorKind === "api" ? "The integration" : "Bookproof");
  const from = statusLabel(entry.from);
  const to = statusLabel(entry.to);
  const change = from && to && from !== to ? `status ${from} → ${to}` : null;
  if (entry.kind in TRANSITIONS) {
    const cause = TRANSITIONS[entry.kind];
    return change ? `${who}: ${change}, because ${cause}` : `${who}: ${cause}`;
  }
  switch (entry.kind) {
    case "task_outcome_logged":
      return `${who} logged “${outcomeLabel(entry.to)}”`;
    case "task_outcome_undone":
      return `${who} took an outcome back`;
    case "task_confirmed_by_evidence":
      return `${who} had it checked: booked already`;
    case "lead_labeled":
    case "lead_status_changed":
      return `${who} set ${change ?? "the labels"}`;
    case "mismatch_accepted":
      return `${who} accepted the provider evidence${change ? `: ${change}` : ""}`;
    case "mismatch_kept":
      return `${who} kept the conversation's label`;
    case "booking_linked":
      return `${who} said this booking is theirs`;
    case "booking_unlinked":
      return `${who} took that back${change ? `: ${change}` : ""}`;
    case "stray_completed":
      return `${who} ended a sequence that ran beside a meeting`;
    default:
      return `${who}: ${entry.kind.replaceAll("_", " ")}${change ? `, ${change}` : ""}`;
  }
}

function statusLabel(word: string | null): string | null {
  // A word of the audit may be any status, or an outcome: only statuses have a label here.
  return word !== null && word in LEAD_STATUSES
    ? LEAD_STATUSES[word as keyof typeof LEAD_STATUSES].label
    : null;
}

function outcomeLabel(word: string | null): string {
  if (word === "looked_at") return "Looked at";
  const label =
    word !== null && word in TASK_OUTCOMES ? TASK_OUTCOMES[word as keyof typeof TASK_OUTCOMES].label : word;
  return (label ?? "an outcome").replace("…", "");
}
