import fc from "fast-check";
import { maybe, oneOf, weighted } from "./arbitrary-choice.ts";
import { type Act, type Fate, type HookFate, type Room, SLOTS_MS } from "./plan.ts";

const WORDS = ["cancelled", "confirmed", "showed", "noshow", "invalid", "new", "rescheduled_by_aliens"];

/** Wraps around what there is. */
export const ref = fc.nat({ max: 11 });
export const maybeRef = maybe(ref, 2);
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
const hookFate = weighted<HookFate>([
  [6, "sent"],
  [3, "dropped"],
  [1, "doubled"],
  [1, "swapped"],
  [1, "late"],
  [1, "refused"],
  [1, "forged"],
]);

export const act: fc.Arbitrary<Act> = oneOf<Act>([
  [
    7,
    fc.record({
      kind: fc.constant("book"),
      mailbox: ref,
      shout: fc.boolean(),
      slot,
      room: weighted<Room>([
        [5, "intro"],
        [3, "workshop"],
        [1, "podcast"],
      ]),
      fate,
    }),
  ],
  [
    3,
    fc.record({
      kind: fc.constant("cancel"),
      meeting: ref,
      by: fc.constantFrom("host", "invitee"),
      fate,
    }),
  ],
  [
    3,
    fc.record({
      kind: fc.constant("reschedule"),
      meeting: ref,
      slot,
      mailbox: maybeRef,
      createdFirst: fc.boolean(),
      fate,
    }),
  ],
  [3, fc.record({ kind: fc.constant("no_show"), meeting: ref, fate })],
  [1, fc.record({ kind: fc.constant("undo_no_show"), meeting: ref, fate })],
  [1, fc.record({ kind: fc.constant("erase"), meeting: ref, what: fc.constantFrom("event", "invitee") })],
  [
    4,
    fc.record({
      kind: fc.constant("book_highlevel"),
      contact: ref,
      slot,
      word: weighted([
        [4, "confirmed"],
        [1, "new"],
        [1, "cancelled"],
      ]),
      isElsewhere: weighted([
        [5, false],
        [1, true],
      ]),
      fate: hookFate,
    }),
  ],
  [3, fc.record({ kind: fc.constant("mirror"), meeting: ref, fate: hookFate })],
  [
    3,
    fc.record({
      kind: fc.constant("say_highlevel"),
      appointment: ref,
      word: fc.constantFrom(...WORDS),
      fate: hookFate,
    }),
  ],
  [2, fc.record({ kind: fc.constant("move_highlevel"), appointment: ref, slot, fate: hookFate })],
  [
    1,
    fc.record({
      kind: fc.constant("delete_highlevel"),
      appointment: ref,
      forever: fc.boolean(),
      fate: hookFate,
    }),
  ],
  [
    2,
    fc.record({
      kind: fc.constant("change_contact"),
      contact: ref,
      mailbox: ref,
      keeps: fc.boolean(),
      fate: hookFate,
    }),
  ],
  [
    1,
    fc.record({
      kind: fc.constant("turn_token"),
      provider: fc.constantFrom("calendly", "highlevel"),
      to: fc.constantFrom("revoke", "restore", "restore"),
    }),
  ],
]);
