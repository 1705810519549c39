import fc from "fast-check";
import type { LeadStatus } from "#server/db/generated/enums.ts";
import { act, maybeRef, ref } from "./arbitrary-act.ts";
import { maybe, oneOf } from "./arbitrary-choice.ts";
import type { Deed, Fault, Job, Strike, Work } from "./plan.ts";

const quickWork = oneOf<Work>([
  [6, fc.record({ kind: fc.constant("work"), pick: ref, count: fc.integer({ min: 1, max: 4 }) })],
  [
    4,
    fc.record({
      kind: fc.constant("sweep"),
      connection: fc.constantFrom("calendly", "highlevel"),
      tier: fc.constantFrom("hot", "warm"),
    }),
  ],
  [2, fc.record({ kind: fc.constant("look_up"), lead: ref })],
  [2, fc.record({ kind: fc.constant("pass_clock") })],
]);

const slowWork = oneOf<Work>([
  [
    3,
    fc.record({
      kind: fc.constant("backfill"),
      from: fc.integer({ min: -2, max: 4 }),
      days: fc.integer({ min: 1, max: 2 }),
    }),
  ],
  [1, fc.record({ kind: fc.constant("resume_backfills") })],
]);

const deed = oneOf<Deed>([
  [
    3,
    fc.record({
      kind: fc.constant("import_lead"),
      lead: fc.nat({ max: 3 }),
      mailbox: maybeRef,
      alias: maybeRef,
      contact: maybe(ref, 1),
      status: maybe(
        fc.constantFrom<LeadStatus[]>("new", "qualified", "meeting_booked", "not_interested", "unqualified"),
        1,
      ),
    }),
  ],
  [
    1,
    fc.record({
      kind: fc.constant("message"),
      lead: ref,
      sentiment: fc.constantFrom("meeting_booked", "interested", "not_interested", "snoozed"),
      isOld: fc.boolean(),
    }),
  ],
  [
    2,
    fc.record({ kind: fc.constant("mark"), meeting: ref, mark: fc.constantFrom("showed", "no_show", null) }),
  ],
  [2, fc.record({ kind: fc.constant("link"), meeting: ref, lead: ref, remember: fc.boolean() })],
  [
    2,
    fc.record({
      kind: fc.constant("decide"),
      lead: ref,
      decision: fc.constantFrom("accept", "accept", "keep", "needs_info"),
    }),
  ],
  [
    2,
    fc.record({
      kind: fc.constant("outcome"),
      task: ref,
      outcome: fc.constantFrom("no_answer", "rebooked", "not_interested", "bad_contact"),
    }),
  ],
]);

export const job = oneOf<Job>([
  [14, quickWork],
  [1, slowWork],
  [8, deed],
]);

/** No backfill in another job: it would only repeat what sweeps do here, at ten times the cost. */
export const quickJob = oneOf<Job>([
  [3, quickWork],
  [1, deed],
]);

export const strike: fc.Arbitrary<Strike> = fc.oneof(
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

export const fault: fc.Arbitrary<Fault> = fc.record({
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
