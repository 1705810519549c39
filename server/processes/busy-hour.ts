import { systemClock } from "#server/lib/clock.ts";
import { addDays, startOfUtcDay } from "#server/lib/duration.ts";
import { type AccountName, emailsOf } from "./accounts.ts";
import { CLAIMANTS, untilNone, type World } from "./open-world.ts";

export type Ids = Record<AccountName, string>;

/** Connected, every connection swept once, every claim checked: from here on each act changes one thing. */
export async function beginWorld(world: World): Promise<Ids> {
  const ids = await world.settle();
  await untilNone(async () => ({
    connections: await world.db.connection.count({ where: { warmSweptAt: null } }),
    claims: await world.db.lead.count({
      where: { email: { startsWith: "claimant" }, claimCheckedAt: null },
    }),
  }));
  return ids;
}

const day = (days: number) => addDays(startOfUtcDay(systemClock.now()), days).toISOString().slice(0, 10);

/** A run over these days, counted from today, of one workspace; answers its id. */
export async function startBackfill(
  world: World,
  workspace: string,
  { from, to }: { from: number; to: number },
): Promise<string> {
  const body = { from: day(from), to: day(to) };
  return (await world.call("POST", "/api/v1/backfills", { workspace, body })).id;
}

/** Asks for a sweep of everything now, through the queue. */
export async function askForSweeps(world: World, ids: Ids): Promise<void> {
  for (const id of Object.values(ids)) {
    await world.call("POST", `/api/cron/appointment-reconcile?workspaceId=${id}`);
  }
}

/** Looks leads up as a person would, one after the other: people who stay where they are, whoever sees them first. */
export async function lookUp(world: World, ids: Ids, name: AccountName, count: number): Promise<void> {
  for (const email of emailsOf(name).slice(8, 8 + count)) {
    const lead = await world.db.lead.findFirstOrThrow({ where: { workspaceId: ids[name], email } });
    await world.call("POST", `/api/v1/leads/${lead.id}/check`, { workspace: ids[name], body: {} });
  }
}

export async function acceptClaims(world: World, ids: Ids): Promise<void> {
  const body = { workspaceId: ids.North, kinds: [1], limitPerType: CLAIMANTS };
  await world.call("POST", "/api/admin/appointment-mismatches", { body });
}

/** Until nothing is under way any more, then one more look at everything. */
export async function endWorld(world: World, ids: Ids): Promise<void> {
  const { db } = world;
  await untilNone(async () => ({
    deliveries: await db.webhookDelivery.count({ where: { result: "accepted", processedAt: null } }),
    plans: await db.bulkPlan.count({ where: { state: "applying" } }),
    backfills: await db.backfill.count({ where: { endedAt: null } }),
    sent: (await world.control("/state", null)).deliveries.pending,
  }));
  const askedAt = systemClock.now();
  await askForSweeps(world, ids);
  await untilNone(async () => ({
    connections: await db.connection.count({ where: { warmSweptAt: { lt: askedAt } } }),
  }));
}
