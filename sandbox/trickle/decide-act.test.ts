import { expect, test } from "vitest";
import { decideAct } from "./decide-act.ts";

test.each([
  ["only books while few meetings are ahead", 39, 5, 0.1, "booked"],
  ["cancels once there are too many", 261, 5, 0.9, "canceled"],
  ["cancels on a low throw", 100, 5, 0.1, "canceled"],
  ["moves on the next ones", 100, 5, 0.4, "rescheduled"],
  ["marks a no-show where a meeting is over", 100, 5, 0.5, "no_show"],
  ["books where none is", 100, 0, 0.5, "booked"],
  ["books on a high throw", 100, 5, 0.9, "booked"],
] as const)("%s", (_case, ahead, over, dice, expected) => {
  expect(decideAct(ahead, over, dice)).toBe(expected);
});
