import type { EffectiveRole, Screen } from "./permissions.ts";
import type { Shape, Tone } from "./tone.ts";
import type {
  AppointmentStatus,
  BackfillState,
  ConnectionState,
  Decision,
  DeliveryResult,
  LeadStatus,
  MeetingState,
  MismatchCause,
  Provider,
  Sentiment,
  SliceState,
  Source,
  SuggestionReason,
  TaskOutcome,
  TaskStatus,
  TaskType,
} from "./trpc.ts";

/** Word, tone and shape of every status the schema knows: a new one does not compile until it has its word. */
export type Word = { label: string; tone: Tone; shape?: Shape };

export const PROVIDERS: Record<Provider, { label: string }> = {
  calendly: { label: "Calendly" },
  highlevel: { label: "HighLevel" },
};

export const APPOINTMENT_STATUSES: Record<AppointmentStatus, Word> = {
  confirmed: { label: "confirmed", tone: "proof", shape: "check" },
  canceled: { label: "canceled", tone: "lost", shape: "none" },
  rescheduled: { label: "rescheduled", tone: "neutral", shape: "half" },
  showed: { label: "showed", tone: "proof", shape: "check" },
  no_show: { label: "no-show", tone: "lost", shape: "none" },
  vanished: { label: "vanished", tone: "doubt", shape: "half" },
};

export const MEETING_STATES: Record<MeetingState, Word> = {
  none: { label: "No meeting", tone: "quiet", shape: "none" },
  booked: { label: "Booked", tone: "proof", shape: "check" },
  held: { label: "Held", tone: "proof", shape: "check" },
  canceled: { label: "Canceled", tone: "lost", shape: "none" },
  no_show: { label: "No-show", tone: "lost", shape: "none" },
  vanished: { label: "Vanished", tone: "doubt", shape: "half" },
};

export const LEAD_STATUSES: Record<LeadStatus, Word> = {
  new: { label: "New", tone: "neutral" },
  qualified: { label: "Qualified", tone: "neutral" },
  meeting_requested: { label: "Meeting requested", tone: "neutral" },
  meeting_booked: { label: "Meeting booked", tone: "proof", shape: "check" },
  not_interested: { label: "Not interested", tone: "quiet", shape: "none" },
  blacklisted: { label: "Blacklisted", tone: "quiet", shape: "none" },
  unqualified: { label: "Unqualified", tone: "quiet", shape: "none" },
};

/** Sentiments are claims: show them in `<Claim>`. */
export const SENTIMENTS: Record<Sentiment, { label: string }> = {
  new: { label: "new" },
  meeting_booked: { label: "meeting booked" },
  meeting_requested: { label: "meeting requested" },
  call_requested: { label: "call requested" },
  information_requested: { label: "information requested" },
  objection: { label: "objection" },
  not_interested: { label: "not interested" },
  blacklist: { label: "blacklist" },
  follow_up: { label: "follow up" },
  out_of_office: { label: "out of office" },
  automated_reply: { label: "automated reply" },
  interested: { label: "interested" },
  neutral: { label: "neutral" },
  snoozed: { label: "snoozed" },
};

/** R11: why a booking without a lead may be this one's. */
export const SUGGESTION_REASONS: Record<SuggestionReason, { label: string }> = {
  address: { label: "shares this address" },
  tracking: { label: "named by the booking link" },
  phone: { label: "same phone" },
  name: { label: "same name" },
  company: { label: "same company" },
};

/** How we learned it: the last part of a timeline entry, after the provider's name. */
export const SOURCES: Record<Source, { label: string }> = {
  webhook: { label: "webhook" },
  reconcile: { label: "sweep" },
  backfill: { label: "backfill" },
  auto_book: { label: "auto-book" },
  operator: { label: "operator" },
  import: { label: "import" },
};

export const TASK_TYPES: Record<TaskType, Word> = {
  meeting_canceled: { label: "Meeting canceled", tone: "lost", shape: "triangle" },
  meeting_no_show: { label: "No-show", tone: "lost", shape: "triangle" },
  meeting_rescheduled: { label: "Meeting moved", tone: "lost", shape: "triangle-hollow" },
  email: { label: "E-mail", tone: "neutral" },
  call: { label: "Call", tone: "neutral" },
  sms: { label: "SMS", tone: "neutral" },
  linkedin: { label: "LinkedIn", tone: "neutral" },
};

export const TASK_STATUSES: Record<TaskStatus, Word> = {
  pending: { label: "Due", tone: "lost", shape: "triangle" },
  snoozed: { label: "Snoozed", tone: "quiet", shape: "clock" },
  completed: { label: "Done", tone: "proof", shape: "check" },
  skipped: { label: "Skipped", tone: "quiet", shape: "none" },
  canceled: { label: "Canceled", tone: "quiet", shape: "none" },
};

export const TASK_OUTCOMES: Record<TaskOutcome, { label: string; synonyms?: readonly string[] }> = {
  rebooked: { label: "Re-booked", synonyms: ["rescheduled", "new meeting"] },
  no_answer: { label: "No answer", synonyms: ["no reply", "unreachable"] },
  left_voicemail: { label: "Left voicemail", synonyms: ["message", "vm"] },
  call_back: { label: "Call back…", synonyms: ["later", "snooze"] },
  not_interested: { label: "Not interested", synonyms: ["lost", "declined"] },
  bad_contact: { label: "Bad contact", synonyms: ["wrong number", "bounced"] },
  already_booked: { label: "Already booked", synonyms: ["has a meeting"] },
};

export const BACKFILL_STATES: Record<BackfillState, Word> = {
  queued: { label: "Queued", tone: "quiet", shape: "clock" },
  running: { label: "Running", tone: "accent", shape: "half" },
  waiting: { label: "Waiting", tone: "doubt", shape: "half" },
  pausing: { label: "Pausing", tone: "quiet", shape: "clock" },
  paused: { label: "Paused", tone: "quiet", shape: "clock" },
  canceling: { label: "Canceling", tone: "quiet", shape: "clock" },
  canceled: { label: "Canceled", tone: "quiet", shape: "none" },
  succeeded: { label: "Done", tone: "proof", shape: "check" },
  succeeded_with_exceptions: { label: "Done, some need attention", tone: "doubt", shape: "check" },
  incomplete: { label: "Incomplete", tone: "doubt", shape: "half" },
};

export const SLICE_STATES: Record<SliceState, Word> = {
  pending: { label: "Pending", tone: "quiet", shape: "clock" },
  running: { label: "Running", tone: "accent", shape: "half" },
  done: { label: "Done", tone: "proof", shape: "check" },
  failed: { label: "Needs attention", tone: "doubt", shape: "half" },
  canceled: { label: "Canceled", tone: "quiet", shape: "none" },
};

export const CONNECTION_STATES: Record<ConnectionState, Word> = {
  healthy: { label: "Healthy", tone: "proof", shape: "check" },
  quiet: { label: "Quiet", tone: "quiet", shape: "clock" },
  retrying: { label: "Retrying", tone: "doubt", shape: "half" },
  action_needed: { label: "Action needed", tone: "doubt", shape: "triangle" },
  polling: { label: "Polling", tone: "neutral", shape: "half" },
  off: { label: "Off", tone: "quiet", shape: "none" },
};

export const DELIVERY_RESULTS: Record<DeliveryResult, Word> = {
  accepted: { label: "Accepted", tone: "proof", shape: "check" },
  duplicate: { label: "Duplicate", tone: "quiet", shape: "none" },
  ignored: { label: "Ignored", tone: "quiet", shape: "none" },
  refused: { label: "Refused", tone: "doubt", shape: "half" },
  failed: { label: "Failed", tone: "doubt", shape: "half" },
};

export type MismatchKind =
  | "sentiment_booked_no_evidence"
  | "evidence_exists_not_booked"
  | "canceled_but_booked_status"
  | "evidence_vanished"
  | "attendance_unrecorded";

/** `label` as a tab, `sentence` as a row's own words. */
export const MISMATCH_KINDS: Record<MismatchKind, { label: string; sentence: string }> = {
  sentiment_booked_no_evidence: {
    label: "Says booked, no meeting",
    sentence: "The conversation says booked; no provider has a meeting.",
  },
  evidence_exists_not_booked: {
    label: "Has meeting, says otherwise",
    sentence: "A provider has a meeting; the lead's status says otherwise.",
  },
  canceled_but_booked_status: {
    label: "Canceled, still booked",
    sentence: "The meeting was lost; the lead's status still says booked.",
  },
  evidence_vanished: {
    label: "Vanished",
    sentence: "The provider no longer knows the meeting that made this lead booked.",
  },
  attendance_unrecorded: {
    label: "Attendance unrecorded",
    sentence: "The meeting ended over a day ago and nobody said who came.",
  },
};

/** R24: what the row says, what it means, and the decision that fits most often. */
export const MISMATCH_CAUSES: Record<MismatchCause, { label: string; help: string; suggested: Decision }> = {
  provider_missed_cancel: {
    label: "HighLevel missed the cancel",
    help: "Calendly lost the meeting; the copy in HighLevel still reads confirmed.",
    suggested: "accept",
  },
  rescheduled_not_linked: {
    label: "Rescheduled, not linked",
    help: "The meeting was moved, and the new one is not tied to this lead yet.",
    suggested: "link",
  },
  other_identity: {
    label: "Booked under another e-mail",
    help: "A booking without a lead looks like this person.",
    suggested: "link",
  },
  outside_window: {
    label: "Outside the search window",
    help: "The only meetings of this lead lie before or after the days we search.",
    suggested: "keep",
  },
  feed_gap: {
    label: "Feed was down",
    help: "A connection was failing around the time of the claim.",
    suggested: "recheck",
  },
  calendar_not_connected: {
    label: "Calendar not connected",
    help: "A provider is not connected, or its token does not see everyone.",
    suggested: "needs_info",
  },
  status_protected: {
    label: "Protected status",
    help: "The lead is not interested, blacklisted or unqualified; only a person may change that.",
    suggested: "keep",
  },
  set_by_hand: {
    label: "Set by hand",
    help: "A person or an import changed the status after the evidence.",
    suggested: "keep",
  },
  canceled_after_claim: {
    label: "Canceled after the claim",
    help: "There was a meeting when the lead said so; it was lost later.",
    suggested: "accept",
  },
  link_sent_not_booked: {
    label: "Link sent, never used",
    help: "A booking link went out; no booking followed.",
    suggested: "accept",
  },
  no_trace: {
    label: "No trace",
    help: "Nothing that we know of explains it.",
    suggested: "accept",
  },
};

export const DECISIONS: Record<Decision, { label: string }> = {
  accept: { label: "Accept provider evidence" },
  keep: { label: "Keep the label" },
  link: { label: "Link a meeting…" },
  recheck: { label: "Re-check providers" },
  needs_info: { label: "Needs info" },
};

export const ROLES: Record<EffectiveRole, { label: string }> = {
  setter: { label: "Setter" },
  inbox_manager: { label: "Inbox manager" },
  ops_lead: { label: "Ops lead" },
  owner: { label: "Owner" },
  admin: { label: "Admin" },
};

export const SCREENS: Record<Screen, { label: string }> = {
  "red-queue": { label: "Red queue" },
  mismatches: { label: "Mismatches" },
  backfills: { label: "Backfills" },
  connections: { label: "Connections" },
  leads: { label: "Leads" },
  unmatched: { label: "Unmatched" },
};

/** What a stable error code means for the person in front of it. Codes without an entry show the server's own sentence. */
export const ERRORS: Record<string, { effect: string }> = {
  unreachable: { effect: "Nothing was changed. Your connection or the server is down." },
  unavailable: { effect: "Nothing was changed. It works again once the server is back." },
  internal: { effect: "Nothing was changed. The failure is in the server's log." },
  forbidden: { effect: "Nothing was changed. Ask an owner of this workspace for the role you need." },
  not_found: { effect: "It was removed, or it is not yours to see." },
  rate_limited: { effect: "Nothing was changed. Wait a minute, then try again." },
};
