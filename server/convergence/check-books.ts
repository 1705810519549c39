import type { Db } from "#server/db/client.ts";
import { addMs, DAY_MS, MINUTE_MS } from "#server/lib/duration.ts";
import type { Observed } from "./observe.ts";
import type { World } from "./open-world.ts";
import { countWaiting } from "./run-job.ts";

/** Troubles that a clean pass proves to be over, and strays, which nothing here may make. */
const OVER = ["connection_failing", "suspicious_drop", "page_token_repeated", "stray_enrolment"];

/** The clean pass was at most so long ago: it waits ten minutes for successors. */
const PASS_MS = 12 * MINUTE_MS;

/** What is kept beside the evidence: copies on leads, sums of effects, days that were verified, troubles that are over. */
export async function checkBooks(world: World, observed: Observed): Promise<string[]> {
  return [
    ...observed.leads.flatMap((lead) =>
      checkCopies(lead, observed).map((text) => `lead ${lead.externalId}: ${text}`),
    ),
    ...(await checkSums(world, observed)),
    ...(await checkCoverage(world)),
    ...(await checkConnections(world.lane.db, world.workspaceId)),
    ...(await checkLine(world)),
  ];
}

type Lead = Observed["leads"][number];

/** A lead's row repeats its primary and nothing else; a claim that was made before the pass is checked (R22). */
function checkCopies(lead: Lead, { rows }: Observed): string[] {
  const primary = rows.find(({ id }) => id === lead.primaryId);
  const pairs: [name: string, is: unknown, should: unknown][] = [
    ["provider", lead.meetingProvider, primary?.provider],
    ["status", lead.meetingStatus, primary?.status],
    ["start", lead.meetingStartAt, primary?.startAt],
    ["end", lead.meetingEndAt, primary?.endAt],
    ["cancellation", lead.meetingCanceledAt, primary?.canceledAt],
    ["booking", lead.meetingBookedAt, primary && (primary.providerCreatedAt ?? primary.firstSeenAt)],
    ["time of knowing", lead.meetingAsOf, primary?.asOf],
    ["source", lead.meetingSource, primary?.source],
  ];
  return pairs.flatMap(([name, is, should]) => {
    const [found, wanted] = [JSON.stringify(is ?? null), JSON.stringify(should ?? null)];
    return found === wanted ? [] : [`the ${name} of its meeting is copied as ${found}, and is ${wanted}`];
  });
}

/** The metric's totals are what the tables hold: whatever happened twice was counted twice, or is there twice. */
async function checkSums(
  { lane: { db }, workspaceId, bornAt }: World,
  { leads }: Observed,
): Promise<string[]> {
  const totals = await db.effectTotal.findMany({ where: { workspaceId } });
  const sum = (effect: string) =>
    totals.filter((row) => row.effect === effect).reduce((all, { total }) => all + Number(total), 0);
  const tasks = leads.flatMap((lead) => lead.tasks);
  const begun = leads.flatMap((lead) => lead.instances).filter(({ startedAt }) => startedAt >= bornAt);
  const complaints: string[] = [];
  if (sum("red_created") !== tasks.length) {
    complaints.push(`${tasks.length} tasks are there, and ${sum("red_created")} were counted`);
  }
  if (sum("instance_started") !== begun.length) {
    complaints.push(`${begun.length} instances began, and ${sum("instance_started")} were counted`);
  }
  if (sum("stray_completed") > 0) complaints.push("a stray was in a sequence");
  return complaints;
}

/** R22: every day that the workspace looks at was verified by the clean pass, at both providers. */
async function checkCoverage({ lane: { db, clock }, calendlyId, highlevelId }: World): Promise<string[]> {
  const now = clock.now();
  const complaints: string[] = [];
  for (const connectionId of [calendlyId, highlevelId]) {
    const covered = await db.coverage.findMany({
      where: { connectionId, verifiedAt: { gte: addMs(now, -PASS_MS) }, fullScope: true },
      select: { day: true },
    });
    const days = new Set(covered.map(({ day }) => day.toISOString().slice(0, 10)));
    for (let offset = -5; offset <= 9; offset++) {
      const day = addMs(now, offset * DAY_MS)
        .toISOString()
        .slice(0, 10);
      if (!days.has(day)) complaints.push(`${day} was not verified`);
    }
  }
  return complaints;
}

async function checkConnections(db: Db, workspaceId: string): Promise<string[]> {
  const connections = await db.connection.findMany({ where: { workspaceId } });
  const troubled = connections.filter(
    ({ failures, breakerUntil, state }) => failures > 0 || breakerUntil !== null || state === "action_needed",
  );
  const incidents = await db.incident.findMany({
    where: { workspaceId, closedAt: null, kind: { in: OVER } },
  });
  return [
    ...troubled.map(({ provider, state }) => `${provider} was read, and its connection is ${state}`),
    ...incidents.map(({ kind }) => `${kind} is over, and its incident is open`),
  ];
}

/** Whatever arrived was worked on. */
async function checkLine(world: World): Promise<string[]> {
  if (world.plan.ending !== "flushed") return [];
  const waiting = await countWaiting(world);
  return waiting === 0 ? [] : [`${waiting} deliveries were never worked on`];
}
