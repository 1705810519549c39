import type { LeadStatus, Sentiment } from "#server/db/generated/enums.ts";

/** What becomes of the deliveries that an act at Calendly causes. */
export type Fate =
  | "sent"
  | "dropped"
  | "first_dropped"
  | "doubled"
  | "delayed"
  | "swapped"
  | "late"
  | "refused";

/** And of those that an act at HighLevel causes; `forged` ones bear a signature that is not HighLevel's. */
export type HookFate = "sent" | "dropped" | "doubled" | "swapped" | "late" | "refused" | "forged";

/** What is booked: a meeting of two, one of many, or one of a type that nobody chose (R10). */
export type Room = "intro" | "workshop" | "podcast";

/** Something that people do at a provider. Numbers are references: they wrap around what there is at that moment. */
export type Act =
  | { kind: "book"; mailbox: number; shout: boolean; slot: number; room: Room; fate: Fate }
  | { kind: "cancel"; meeting: number; by: "host" | "invitee"; fate: Fate }
  | {
      kind: "reschedule";
      meeting: number;
      slot: number;
      mailbox: number | null;
      createdFirst: boolean;
      fate: Fate;
    }
  | { kind: "no_show"; meeting: number; fate: Fate }
  | { kind: "undo_no_show"; meeting: number; fate: Fate }
  | { kind: "erase"; meeting: number; what: "event" | "invitee" }
  | {
      kind: "book_highlevel";
      contact: number;
      slot: number;
      word: string;
      isElsewhere: boolean;
      fate: HookFate;
    }
  | { kind: "mirror"; meeting: number; fate: HookFate }
  | { kind: "say_highlevel"; appointment: number; word: string; fate: HookFate }
  | { kind: "move_highlevel"; appointment: number; slot: number; fate: HookFate }
  | { kind: "delete_highlevel"; appointment: number; forever: boolean; fate: HookFate }
  /** A contact has another address from now on; the former one stays with it, or does not. */
  | { kind: "change_contact"; contact: number; mailbox: number; keeps: boolean; fate: HookFate }
  | { kind: "turn_token"; provider: "calendly" | "highlevel"; to: "revoke" | "restore" };

/** Something that our own processes do. */
export type Work =
  | { kind: "work"; pick: number; count: number }
  | { kind: "sweep"; connection: "calendly" | "highlevel"; tier: "hot" | "warm" }
  | { kind: "look_up"; lead: number }
  | { kind: "backfill"; from: number; days: number }
  | { kind: "resume_backfills" }
  | { kind: "pass_clock" };

/** Something that customers and operators do, each of which is a job of one transaction or two. */
export type Deed =
  /** New leads, further addresses, another address, a contact id, a status set by hand. */
  | {
      kind: "import_lead";
      lead: number;
      mailbox: number | null;
      alias: number | null;
      contact: number | null;
      status: LeadStatus | null;
    }
  | { kind: "message"; lead: number; sentiment: Sentiment; isOld: boolean }
  | { kind: "mark"; meeting: number; mark: "showed" | "no_show" | null }
  | { kind: "link"; meeting: number; lead: number; remember: boolean }
  | { kind: "decide"; lead: number; decision: "accept" | "keep" | "needs_info" }
  | { kind: "outcome"; task: number; outcome: "no_answer" | "rebooked" | "not_interested" | "bad_contact" };

export type Job = Work | Deed;

/** What strikes a job: the process dies around its nth transaction, or others act before its nth step. */
export type Strike =
  | { strike: "crash"; at: number; when: "inside" | "after" }
  | { strike: "meanwhile"; at: number; others: (Act | Job)[] };

/** A provider that fails while a job is under way; it ends by itself. */
export type Fault = {
  provider: "calendly" | "highlevel";
  fault: "429" | "status" | "truncate" | "empty_list" | "short_page" | "error_body_200" | "html" | "reset";
  times: number;
  skip: number;
};

/** `gapMs` is how long nothing happens before it. */
export type Command = { gapMs: number } & (
  | { does: "act"; act: Act }
  | { does: "job"; job: Job; strike: Strike | null; fault: Fault | null }
  /** Several processes at the same time, as the database lets them. */
  | { does: "jobs_at_once"; jobs: Job[] }
);

export type LeadPlan = {
  /** Has no address of its own but that of the lead with this number. */
  shares: number | null;
  alias: "none" | "own" | "of_next";
  /** Carries the HighLevel contact id of its mailbox. */
  hasContact: boolean;
  isEnrolled: boolean;
  isAutomated: boolean;
  status: LeadStatus;
};

export type WorldPlan = {
  leads: LeadPlan[];
  freshnessDays: 2 | 14;
  /** R10: whether event types and calendars were chosen, and whether the others count at all. */
  types: "all" | "chosen" | "strict";
  /** Who at HighLevel calls us. */
  hooks: "none" | "marketplace" | "workflow" | "both";
  commands: Command[];
  /** Whether the deliveries that still wait at the end arrive, or never do. */
  ending: "flushed" | "dropped";
};

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * Starts of meetings, from the beginning of the world. Few, so that meetings meet; the past ones lie in the last days,
 * since nobody reads people of meetings again that ended more than a week ago.
 */
export const SLOTS_MS = [-26, -2, 1, 5, 26, 72, 144].map((hours) => hours * HOUR_MS);

/** The clocks never go on for longer than this, so that every meeting stays within a week of its end. */
export const LIFETIME_MS = 72 * HOUR_MS;

const ACTS: Record<Act["kind"], true> = {
  book: true,
  cancel: true,
  reschedule: true,
  no_show: true,
  undo_no_show: true,
  erase: true,
  book_highlevel: true,
  mirror: true,
  say_highlevel: true,
  move_highlevel: true,
  delete_highlevel: true,
  change_contact: true,
  turn_token: true,
};

export function isAct(other: Act | Job): other is Act {
  return other.kind in ACTS;
}

const WORK: Record<Work["kind"], true> = {
  work: true,
  sweep: true,
  look_up: true,
  backfill: true,
  resume_backfills: true,
  pass_clock: true,
};

export function isWork(job: Job): job is Work {
  return job.kind in WORK;
}
