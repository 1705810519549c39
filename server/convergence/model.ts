import fc from "fast-check";

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

/** Something that people do at a provider. Numbers are references: they wrap around what there is at that moment. */
export type Act =
  | { kind: "book"; mailbox: number; shout: boolean; slot: number; group: boolean; fate: Fate }
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
  | { kind: "book_highlevel"; contact: number; slot: number; word: string }
  | { kind: "mirror"; meeting: number }
  | { kind: "say_highlevel"; appointment: number; word: string }
  | { kind: "move_highlevel"; appointment: number; slot: number }
  | { kind: "delete_highlevel"; appointment: number; forever: boolean };

/** Something that our own processes do. */
export type Job =
  | { kind: "work"; pick: number; count: number }
  | { kind: "sweep"; connection: "calendly" | "highlevel"; tier: "hot" | "warm" }
  | { kind: "look_up"; lead: number }
  | { kind: "backfill"; from: number; days: number }
  | { kind: "pass_clock" };

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
);

export type LeadPlan = {
  /** Has no address of its own but that of the lead with this number. */
  shares: number | null;
  alias: "none" | "own" | "of_next";
  /** Carries the HighLevel contact id of its mailbox. */
  hasContact: boolean;
  isEnrolled: boolean;
  isAutomated: boolean;
};

export type WorldPlan = {
  leads: LeadPlan[];
  freshnessDays: 2 | 14;
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

const WORDS = ["cancelled", "confirmed", "showed", "noshow", "invalid", "new", "rescheduled_by_aliens"];

const ref = fc.nat({ max: 11 });
const slot = fc.nat({ max: SLOTS_MS.length - 1 });
const fate = weighted<Fate>([
  [6, "sent"],
  [3, "dropped"],
  [1, "first_dropped"],
  [1, "doubled"],
  [2, "delayed"],
  [1, "swapped"],
  [1, "late"],
  [1, "refused"],
]);

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 7,
    arbitrary: fc.record({
      kind: fc.constant("book"),
      mailbox: ref,
      shout: fc.boolean(),
      slot,
      group: weighted([
        [2, false],
        [1, true],
      ]),
      fate,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("cancel"),
      meeting: ref,
      by: fc.constantFrom("host", "invitee"),
      fate,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("reschedule"),
      meeting: ref,
      slot,
      mailbox: fc.option(ref, { freq: 2 }),
      createdFirst: fc.boolean(),
      fate,
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("no_show"), meeting: ref, fate }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("undo_no_show"), meeting: ref, fate }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("erase"),
      meeting: ref,
      what: fc.constantFrom("event", "invitee"),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("book_highlevel"),
      contact: ref,
      slot,
      word: weighted([
        [4, "confirmed"],
        [1, "new"],
        [1, "cancelled"],
      ]),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("mirror"), meeting: ref }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("say_highlevel"),
      appointment: ref,
      word: fc.constantFrom(...WORDS),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("move_highlevel"), appointment: ref, slot }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("delete_highlevel"),
      appointment: ref,
      forever: fc.boolean(),
    }),
  },
);

const job: fc.Arbitrary<Job> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("work"), pick: ref, count: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("sweep"),
      connection: fc.constantFrom("calendly", "highlevel"),
      tier: fc.constantFrom("hot", "warm"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("look_up"), lead: ref }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("pass_clock") }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("backfill"),
      from: fc.integer({ min: -2, max: 4 }),
      days: fc.integer({ min: 1, max: 2 }),
    }),
  },
);

/** Not a backfill: a run inside another job would only repeat what sweeps do here, at ten times the cost. */
const quickJob = job.filter(({ kind }) => kind !== "backfill");

const strike: fc.Arbitrary<Strike> = fc.oneof(
  fc.record({
    strike: fc.constant("crash"),
    at: fc.integer({ min: 1, max: 4 }),
    when: fc.constantFrom("inside", "after"),
  }),
  fc.record({
    strike: fc.constant("meanwhile"),
    at: fc.integer({ min: 1, max: 7 }),
    others: fc.array(fc.oneof({ weight: 2, arbitrary: act }, { weight: 1, arbitrary: quickJob }), {
      minLength: 1,
      maxLength: 3,
    }),
  }),
);

const fault: fc.Arbitrary<Fault> = fc.record({
  provider: fc.constantFrom("calendly", "highlevel"),
  fault: fc.constantFrom(
    "429",
    "status",
    "truncate",
    "empty_list",
    "short_page",
    "error_body_200",
    "html",
    "reset",
  ),
  times: fc.integer({ min: 1, max: 4 }),
  skip: fc.nat({ max: 3 }),
});

const gapMs = weighted([
  [1, 0],
  [5, 1_000],
  [3, 30_000],
  [2, 7 * MINUTE_MS],
  [1, 3 * HOUR_MS],
  [1, 20 * HOUR_MS],
]);

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ gapMs, does: fc.constant("act"), act }) },
  {
    weight: 7,
    arbitrary: fc.record({
      gapMs,
      does: fc.constant("job"),
      job,
      strike: fc.option(strike, { freq: 3 }),
      fault: fc.option(fault, { freq: 3 }),
    }),
  },
);

const lead: fc.Arbitrary<LeadPlan> = fc.record({
  shares: fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat({ max: 4 }) }),
  alias: weighted<LeadPlan["alias"]>([
    [5, "none"],
    [2, "own"],
    [1, "of_next"],
  ]),
  hasContact: fc.boolean(),
  isEnrolled: fc.boolean(),
  isAutomated: fc.boolean(),
});

/** A small world and everything that happens in it. Shrinks to fewer leads, fewer commands and smaller numbers. */
export const worldPlan: fc.Arbitrary<WorldPlan> = fc.record({
  leads: fc.oneof(
    { weight: 3, arbitrary: fc.array(lead, { minLength: 2, maxLength: 2 }) },
    { weight: 1, arbitrary: fc.array(lead, { minLength: 3, maxLength: 5 }) },
  ),
  freshnessDays: fc.constantFrom(14, 2),
  commands: fc.array(command, { minLength: 1, maxLength: 24, size: "max" }),
  ending: fc.constantFrom("flushed", "dropped"),
});

function weighted<T>(choices: [weight: number, value: T][]): fc.Arbitrary<T> {
  return fc.oneof(...choices.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));
}
