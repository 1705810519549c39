import { runBackfill } from "#server/backfills/run-backfill.ts";
import { addMs, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "#server/lib/duration.ts";
import { checkWorld, compareWorlds, photographWorld } from "./check-world.ts";
import { type Strike as RunningStrike, startProcess } from "./engine-process.ts";
import { type Act, type Command, type Fault, type Job, LIFETIME_MS, type WorldPlan } from "./model.ts";
import type { Lane } from "./open-lane.ts";
import { openWorld, type World } from "./open-world.ts";
import { performAct } from "./perform-act.ts";
import { runJob } from "./run-job.ts";

/**
 * Lets everything of the plan happen, then lets the world come to rest, makes one clean pass and answers what is not as
 * it should be: nothing, if the engine keeps its promise.
 */
export async function runWorld(lane: Lane, plan: WorldPlan): Promise<string[]> {
  const world = await openWorld(lane, plan);
  try {
    for (const command of plan.commands) await follow(world, command);
    await comeToRest(world, plan.ending);
    await makeCleanPass(world);
    const complaints = await checkWorld(world, plan);
    const before = await photographWorld(world);
    // Too short a while for a meeting to end in it: time alone may move nothing here.
    lane.setTime(addMs(lane.clock.now(), 1));
    await readBoth(world);
    complaints.push(...compareWorlds(before, await photographWorld(world)));
    return complaints;
  } finally {
    await closeWorld(world);
  }
}

async function follow(world: World, command: Command): Promise<void> {
  await passTime(world, command.gapMs);
  switch (command.does) {
    case "act":
      return performAct(world, command.act);
    case "job":
      if (command.fault) await arm(world, command.fault);
      await runJob(world, command.job, decideStrike(world, command));
      return;
    default:
      command satisfies never;
  }
}

/** Strikes calls of the next job, or of later ones when that does not make as many. */
async function arm({ lane }: World, { provider, fault, times, skip }: Fault): Promise<void> {
  await lane.control("/faults", {
    provider,
    kind: fault,
    times,
    skip,
    ...(fault === "status" ? { status: 503 } : {}),
  });
}

function decideStrike(world: World, { strike }: Extract<Command, { does: "job" }>): RunningStrike | null {
  if (strike?.strike !== "meanwhile") return strike;
  return { strike: "meanwhile", at: strike.at, run: () => doMeanwhile(world, strike.others) };
}

/** Others act while a job is under way: what it has read is older than what they do. */
async function doMeanwhile(world: World, others: (Act | Job)[]): Promise<void> {
  for (const other of others) {
    await passTime(world, SECOND_MS);
    if (isJob(other)) await runJob(world, other, null);
    else await performAct(world, other);
  }
  await passTime(world, SECOND_MS);
}

function isJob(other: Act | Job): other is Job {
  return ["work", "sweep", "look_up", "backfill", "pass_clock"].includes(other.kind);
}

/** Both clocks go on, and deliveries that were to arrive by then do. */
async function passTime({ lane, bornAt }: World, ms: number): Promise<void> {
  if (ms === 0) return;
  const now = lane.clock.now();
  const isLate = now.getTime() + ms > bornAt.getTime() + LIFETIME_MS;
  lane.setTime(addMs(now, isLate ? SECOND_MS : ms));
  const isAnyUnderWay = [...lane.sandbox.world.deliveries.values()].some(({ state }) => state === "pending");
  if (isAnyUnderWay) await lane.control("/deliveries/flush");
}

/** Faults end, what is on its way arrives or is lost, what was begun is brought to its end. */
async function comeToRest(world: World, ending: WorldPlan["ending"]): Promise<void> {
  const { lane } = world;
  await lane.control("/faults", {}, "DELETE");
  if (ending === "flushed") {
    lane.setTime(addMs(lane.clock.now(), 6 * MINUTE_MS));
    await lane.control("/deliveries/flush");
    await runJob(world, { kind: "work", pick: 0, count: 100 }, null);
  }
  await lane.control(`/calendly/webhooks/${world.subscriptionId}`, {}, "DELETE");
  // Marks of no-shows are found by a second look once a day.
  const restMs = world.hasAttendance ? DAY_MS + HOUR_MS : 11 * MINUTE_MS;
  lane.setTime(addMs(lane.clock.now(), restMs));
  for (const backfillId of world.backfillIds) {
    await runBackfill(startProcess(lane, world.limiter, null), { backfillId }, new AbortController().signal);
  }
}

/** Both calendars are read, and the ten minutes in which a successor may turn up go by. */
async function makeCleanPass(world: World): Promise<void> {
  await readBoth(world);
  world.lane.setTime(addMs(world.lane.clock.now(), 11 * MINUTE_MS));
  await runJob(world, { kind: "pass_clock" }, null);
}

async function readBoth(world: World): Promise<void> {
  for (const connection of ["calendly", "highlevel"] as const) {
    const isDone = await runJob(world, { kind: "sweep", connection, tier: "warm" }, null);
    if (!isDone) throw new Error(`The clean pass over ${connection} did not come to its end.`);
  }
  await runJob(world, { kind: "pass_clock" }, null);
}

/** The next world in this lane begins at the same time: nothing of this one may come due in it. */
async function closeWorld({ lane, workspaceId }: World): Promise<void> {
  await lane.control("/faults", {}, "DELETE");
  await lane.db.lead.updateMany({ where: { workspaceId }, data: { redecideAt: null } });
}
