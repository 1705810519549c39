import { addMs, SECOND_MS } from "#server/lib/duration.ts";
import { tendFollowUps } from "#server/reconcile/tend-follow-ups.ts";
import { checkWorld } from "./check-world.ts";
import { comeToRest, makeCleanPass, passTime, readBoth } from "./come-to-rest.ts";
import type { Strike as RunningStrike } from "./engine-process.ts";
import type { Line } from "./line.ts";
import { lookUpEverybody, lookUpFromScratch } from "./look-up-worlds.ts";
import type { Lane } from "./open-lane.ts";
import { openWorld, type World } from "./open-world.ts";
import { performAct } from "./perform-act.ts";
import { comparePhotographs, photographWorld } from "./photograph.ts";
import { type Act, type Command, type Fault, isAct, isWork, type Job, type WorldPlan } from "./plan.ts";
import { runJob } from "./run-job.ts";

/**
 * Lets everything of the plan happen, then lets the world come to rest, makes one clean pass and answers what is not as
 * it should be: nothing, if the engine keeps its promise.
 */
export async function runWorld(lane: Lane, plan: WorldPlan): Promise<string[]> {
  const world = await openWorld(lane, plan);
  try {
    for (const command of plan.commands) await follow(world, command);
    const complaints = await comeToRest(world);
    await makeCleanPass(world);
    complaints.push(...(await checkWorld(world)));

    complaints.push(...(await checkStillness(world)), ...(await lookUpFromScratch(world)));
    return complaints;
  } finally {
    await closeWorld(world);
  }
}

/** Who asks again and finds nothing new writes nothing: another clean pass, or asking about every lead. */
async function checkStillness(world: World): Promise<string[]> {
  const { lane, workspaceId, plan } = world;
  const stopped = await tendFollowUps(lane, { workspaceId });
  if (stopped.strays + stopped.instancesStopped > 0) {
    return [`something ran that only the backstop stopped (R26, R28): ${JSON.stringify(stopped)}`];
  }
  const before = await photographWorld(lane.db, workspaceId);
  // Too short a while for a meeting to end in it: time alone may move nothing here.
  lane.setTime(addMs(lane.clock.now(), 1));
  if (plan.ending === "dropped") {
    await readBoth(world);
    return comparePhotographs("a second clean pass", before, await photographWorld(lane.db, workspaceId));
  }
  await lookUpEverybody(world);
  const after = await photographWorld(lane.db, workspaceId);
  return comparePhotographs("looking everybody up", before, after, CHECKED);
}

/** Whoever was asked about has a claim that is checked (R22). */
const CHECKED = ["claimCheckedAt", "claimUnverified", "mismatchKind", "mismatchSince"];

async function follow(world: World, command: Command): Promise<void> {
  await passTime(world, command.gapMs);
  switch (command.does) {
    case "act":
      return performAct(world, command.act);
    case "job":
      if (world.lane.line) return putInLine(world, world.lane.line, command);
      if (command.fault) await arm(world, command.fault);
      await runJob(world, command.job, decideStrike(world, command));
      return;
    case "jobs_at_once":
      await Promise.all(command.jobs.map((job) => beginJob(world, job)));
      return;
    default:
      command satisfies never;
  }
}

/** In a lane with a line, work is done by whoever takes it out of there, while the world goes on. */
async function beginJob(world: World, job: Job): Promise<void> {
  const { line } = world.lane;
  if (line && isWork(job)) await line.put(world, job);
  else await runJob(world, job, null);
}

/** Nobody strikes work there; but others act beside it. */
async function putInLine(
  world: World,
  line: Line,
  { gapMs, job, strike }: Extract<Command, { does: "job" }>,
): Promise<void> {
  // In half a minute, what was in line has been done.
  if (gapMs >= 30 * SECOND_MS) await line.idle();
  await beginJob(world, job);
  if (strike?.strike === "meanwhile") await doMeanwhile(world, strike.others);
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
    if (isAct(other)) await performAct(world, other);
    else await beginJob(world, other);
  }
  await passTime(world, SECOND_MS);
}

/** The next world in this lane begins at the same time: nothing of this one may come due in it. */
async function closeWorld({ lane, workspaceId }: World): Promise<void> {
  await lane.line?.idle();
  await lane.control("/faults", {}, "DELETE");
  await lane.control("/highlevel/deliveries/faults", {}, "DELETE");
  await lane.db.lead.updateMany({ where: { workspaceId }, data: { redecideAt: null } });
}
