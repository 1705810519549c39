import { runBackfill } from "#server/backfills/run-backfill.ts";
import { addMs, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "#server/lib/duration.ts";
import { createHastyLimiter, startProcess } from "./engine-process.ts";
import type { World } from "./open-world.ts";
import { LIFETIME_MS } from "./plan.ts";
import { countWaiting, runJob } from "./run-job.ts";

/** Both clocks go on, and deliveries that were to arrive by then do. */
export async function passTime(world: World, ms: number): Promise<void> {
  if (ms === 0) return;
  const { lane, bornAt } = world;
  const now = lane.clock.now();
  const isLate = now.getTime() + ms > bornAt.getTime() + LIFETIME_MS;
  lane.setTime(addMs(now, isLate ? SECOND_MS : ms));
  const isAnyUnderWay = [...lane.sandbox.world.deliveries.values()].some(({ state }) => state === "pending");
  if (isAnyUnderWay) await lane.control("/deliveries/flush");
  if (world.plan.hooks !== "none") await lane.control("/highlevel/deliveries/flush");
}

/**
 * Faults end, what is on its way arrives or is lost, what was begun is brought to its end. Answers what cannot be
 * brought to one.
 */
export async function comeToRest(world: World): Promise<string[]> {
  const { lane, account } = world;
  // What a limit refused is no loss of truth, and at the end nothing is refused.
  world.limiter = createHastyLimiter(lane.clock, { isPatient: true });
  await lane.control("/faults", {}, "DELETE");
  await lane.control("/highlevel/deliveries/faults", {}, "DELETE");
  await lane.control(`/calendly/tokens/${account.calendlyToken}/restore`);
  await lane.control(`/highlevel/tokens/${account.highlevelToken}/restore`);
  if (world.plan.ending === "flushed") {
    lane.setTime(addMs(lane.clock.now(), 6 * MINUTE_MS));
    await lane.control("/deliveries/flush");
    await lane.control("/highlevel/deliveries/flush");
    await workOff(world);
  }
  await lane.line?.idle();
  await lane.control(`/calendly/webhooks/${world.subscriptionId}`, {}, "DELETE");
  // Marks of no-shows are found by a second look once a day.
  const restMs = world.hasAttendance ? DAY_MS + HOUR_MS : 11 * MINUTE_MS;
  lane.setTime(addMs(lane.clock.now(), restMs));
  return endBackfills(world);
}

/** One that fails is tried again and stops no other. */
async function workOff(world: World): Promise<void> {
  for (let round = 0; round < 40 && (await countWaiting(world)) > 0; round++) {
    await runJob(world, { kind: "work", pick: round % 7, count: 100 }, null);
  }
}

/** However often a run waited or was struck, it ends, and says how. */
async function endBackfills(world: World): Promise<string[]> {
  const { lane, limiter, backfillIds } = world;
  const complaints: string[] = [];
  for (const backfillId of backfillIds) {
    for (let round = 0; round < 20; round++) {
      const { endedAt } = await lane.db.backfill.findUniqueOrThrow({ where: { id: backfillId } });
      if (endedAt !== null) break;
      await runBackfill(startProcess(lane, limiter, null), { backfillId }, new AbortController().signal);
      lane.setTime(addMs(lane.clock.now(), MINUTE_MS));
    }
    const { state, slices } = await lane.db.backfill.findUniqueOrThrow({
      where: { id: backfillId },
      include: { slices: { select: { state: true } } },
    });
    const isWhole = slices.every((slice) => slice.state === "done");
    if (isWhole !== (state === "succeeded" || state === "succeeded_with_exceptions")) {
      complaints.push(`a backfill is ${state}, and its slices are ${slices.map((slice) => slice.state)}`);
    }
  }
  return complaints;
}

/** Both calendars are read, and the ten minutes in which a successor may turn up go by. */
export async function makeCleanPass(world: World): Promise<void> {
  await readBoth(world);
  world.lane.setTime(addMs(world.lane.clock.now(), 11 * MINUTE_MS));
  await runJob(world, { kind: "pass_clock" }, null);
}

export async function readBoth(world: World): Promise<void> {
  for (const connection of ["calendly", "highlevel"] as const) {
    const connectionId = connection === "calendly" ? world.calendlyId : world.highlevelId;
    // The rest of a pass that a limit ended is no clean one: that follows it.
    const isRest = (await world.lane.db.sweepPosition.count({ where: { connectionId, tier: "warm" } })) > 0;
    for (let pass = isRest ? 0 : 1; pass < 2; pass++) {
      const isDone = await runJob(world, { kind: "sweep", connection, tier: "warm" }, null);
      if (!isDone) throw new Error(`The clean pass over ${connection} did not come to its end.`);
    }
  }
  await runJob(world, { kind: "pass_clock" }, null);
}
