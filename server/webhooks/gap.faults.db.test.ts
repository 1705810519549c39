import { beforeEach, describe, expect, test } from "vitest";
import { listBackfills } from "#server/backfills/queries.ts";
import { runBackfill } from "#server/backfills/run-backfill.ts";
import { checkConnection } from "#server/connections/check-connection.ts";
import { connectCalendly } from "#server/connections/connect-calendly.ts";
import { connectHighLevel } from "#server/connections/connect-highlevel.ts";
import { createWebhook } from "#server/connections/create-webhook.ts";
import { fillGap } from "#server/connections/fill-gap.ts";
import { sendDueChecks } from "#server/connections/send-due-checks.ts";
import { setUpConnections } from "#server/connections/testing/set-up-connections.ts";
import type { Jobs } from "#server/db/queue.ts";
import { addDays, addMs, DAY_MS, HOUR_MS, MINUTE_MS, startOfUtcDay } from "#server/lib/duration.ts";
import { buildLead, TEST_NOW } from "#server/testing/factories.ts";
import { beatReceiver } from "./beat-receiver.ts";
import { createWebhookRouter } from "./create-webhook-router.ts";

// Times in which nothing was delivered: found, ended, and read again.

const LOOKAHEAD_DAYS = 25;
const EMAIL = "maya@ridgeline.example";

const setUp = setUpConnections({ receiver: createWebhookRouter });
let connectionId = "";
let leadId = "";

const control = (path: string, body?: unknown) => setUp.sandbox.control(path, body);
const findRow = () => setUp.db.connection.findUniqueOrThrow({ where: { id: connectionId } });
const webhooks = async () => (await setUp.sandbox.control("/calendly/webhooks", {}, "GET")).webhooks;
const check = () => checkConnection(setUp.deps, { connectionId });
const dayOf = (at: Date) => startOfUtcDay(at);

beforeEach(async () => {
  const { world, deps, db } = setUp;
  const workspaceId = world.workspace.id;
  await db.connection.updateMany({ data: { state: "off" } });
  await db.heartbeat.deleteMany();
  await db.workspace.update({ where: { id: workspaceId }, data: { lookaheadDays: LOOKAHEAD_DAYS } });
  const outcome = await connectCalendly(deps, world.actor, { workspaceId, token: world.ownerToken });
  if (!outcome.ok) throw new Error(`not connected: ${outcome.error.code}`);
  connectionId = outcome.connectionId;
  await createWebhook(deps, world.actor, { workspaceId, connectionId, takeOver: false });
  leadId = (await buildLead(db, { workspaceId, email: EMAIL })).id;
  await db.$executeRaw`DELETE FROM pgboss.job`;
});

async function pass(ms: number): Promise<void> {
  setUp.clock.advance(ms);
  await control("/clock", { advanceMs: ms });
}

async function findGaps(): Promise<Jobs["fill-gap"][]> {
  const rows = await setUp.db.$queryRaw<{ data: Jobs["fill-gap"] }[]>`
    SELECT data FROM pgboss.job WHERE name = 'fill-gap' ORDER BY created_on`;
  return rows.map(({ data }) => data);
}

/** Lets the engine's own run read the gap, as its worker would. */
async function fillGaps() {
  const { db, deps } = setUp;
  for (const gap of await findGaps()) await fillGap(deps, gap);
  const runs = await db.backfill.findMany({ where: { workspaceIds: { has: setUp.world.workspace.id } } });
  for (const { id } of runs) {
    await runBackfill(deps, { backfillId: id }, new AbortController().signal);
  }
  const { id: workspaceId } = setUp.world.workspace;
  const facts = { db, now: setUp.clock.now() };
  const list = await listBackfills(
    facts,
    { kind: "workspace", workspaceId, isAdmin: false },
    { before: null },
  );
  return list.rows;
}

describe("35: a webhook that was turned off, or deleted by a person", () => {
  test.each<[string, (id: string) => Promise<unknown>]>([
    ["disabled", (id) => control(`/calendly/webhooks/${id}/disable`)],
    ["deleted", (id) => setUp.sandbox.control(`/calendly/webhooks/${id}`, {}, "DELETE")],
  ])("%s: noticed within fifteen minutes, created anew before the old one goes", async (_word, lose) => {
    const [old] = await webhooks();
    await check();
    await lose(old.id);
    await pass(5 * MINUTE_MS);
    expect(await sendDueChecks(setUp.deps)).toBe(1);
    await control("/calls/reset");
    expect(await check()).toEqual({ state: "healthy", reasonCode: null });

    const [now, ...others] = await webhooks();
    expect(others).toEqual([]);
    expect(now).toMatchObject({ state: "active" });
    expect(now.id).not.toBe(old.id);
    const { calls } = await setUp.sandbox.control("/calls/log", {}, "GET");
    const families: string[] = calls.map(({ family }: { family: string }) => family);
    expect(families.filter((family) => !family.startsWith("GET"))).toEqual([
      "POST /webhook_subscriptions",
      "DELETE /webhook_subscriptions/:id",
    ]);
  });

  test("what happened meanwhile is read by a backfill of exactly the gap, which says so", async () => {
    const failingSince = addMs(TEST_NOW, -26 * HOUR_MS);
    const [old] = await webhooks();
    await control(`/calendly/webhooks/${old.id}`, { retryStartedAt: failingSince.toISOString() });
    await control(`/calendly/webhooks/${old.id}/disable`);
    await control("/calendly/book", {
      organization: setUp.world.organization.organization.id,
      eventType: "Intro call",
      start: addMs(TEST_NOW, 20 * DAY_MS).toISOString(),
      invitee: { email: EMAIL, name: "Maya Okafor" },
    });
    await check();
    expect(await findGaps()).toEqual([
      {
        connectionId,
        cause: "webhook_disabled",
        from: failingSince.toISOString(),
        to: TEST_NOW.toISOString(),
      },
    ]);

    const [run, ...others] = await fillGaps();
    expect(others).toEqual([]);
    expect(run).toMatchObject({
      state: "succeeded",
      createdBy: "Bookproof",
      providers: ["calendly"],
      from: addDays(dayOf(failingSince), -1),
      to: addDays(dayOf(TEST_NOW), LOOKAHEAD_DAYS + 1),
    });
    expect(run?.note).toContain("Calendly had turned the webhook off");
    expect(run?.note).toContain(failingSince.toISOString().slice(0, 16).replace("T", " "));
    expect(await setUp.db.appointment.findMany({ where: { leadId } })).toMatchObject([
      { status: "confirmed", source: "backfill" },
    ]);
    expect(await setUp.db.incident.findMany({ where: { connectionId } })).toMatchObject([
      { kind: "dead_feed", cause: "webhook_disabled", details: { from: failingSince.toISOString() } },
    ]);
  });

  test("the beginning of the gap is not forgotten while Calendly refuses a new webhook", async () => {
    await pass(HOUR_MS);
    await check();
    const lastSeen = setUp.clock.now();
    const [old] = await webhooks();
    await setUp.sandbox.control(`/calendly/webhooks/${old.id}`, {}, "DELETE");
    await control("/faults", {
      provider: "calendly",
      match: { method: "POST", path: "/webhook_subscriptions" },
      kind: "status",
      status: 500,
    });
    await pass(5 * MINUTE_MS);
    expect(await check()).toEqual({ state: "action_needed", reasonCode: "webhook_gone" });
    expect(await findGaps()).toEqual([]);

    await setUp.sandbox.control("/faults", {}, "DELETE");
    await pass(5 * MINUTE_MS);
    expect(await check()).toEqual({ state: "healthy", reasonCode: null });
    expect(await findGaps()).toMatchObject([
      { cause: "webhook_gone", from: lastSeen.toISOString(), to: setUp.clock.now().toISOString() },
    ]);
  });

  test("repaired by a person, the gap is read all the same", async () => {
    await setUp.db.connection.update({
      where: { id: connectionId },
      data: { webhookState: "disabled", retryStartedAt: addMs(TEST_NOW, -DAY_MS) },
    });
    const ref = { workspaceId: setUp.world.workspace.id, connectionId };
    await createWebhook(setUp.deps, setUp.world.actor, { ...ref, takeOver: true });
    expect(await findGaps()).toMatchObject([
      { cause: "webhook_disabled", from: addMs(TEST_NOW, -DAY_MS).toISOString() },
    ]);
    expect(await findRow()).toMatchObject({ state: "healthy", retryStartedAt: null });
  });

  test("a webhook of a workspace that had none leaves no gap", async () => {
    expect(await findGaps()).toEqual([]);
  });
});

describe("34: the receiver was down for hours", () => {
  const beat = () => beatReceiver(setUp.deps);

  test("each account that delivers here is read over the time in which nobody beat, once", async () => {
    expect(await beat()).toBeNull();
    await pass(6 * HOUR_MS);
    const gaps = await Promise.all([beat(), beat(), beat()]);
    expect(gaps.filter((gap) => gap !== null)).toEqual([
      { from: TEST_NOW, to: addMs(TEST_NOW, 6 * HOUR_MS) },
    ]);
    expect(await findGaps()).toEqual([
      {
        connectionId,
        cause: "receiver_down",
        from: TEST_NOW.toISOString(),
        to: addMs(TEST_NOW, 6 * HOUR_MS).toISOString(),
      },
    ]);
    const [run] = await fillGaps();
    expect(run).toMatchObject({ state: "succeeded", from: addDays(dayOf(TEST_NOW), -1) });
    expect(run?.note).toContain("this server was down");
  });

  test("an incident says so until a whole sweep came after it", async () => {
    await beat();
    await pass(6 * HOUR_MS);
    await beat();
    const open = () =>
      setUp.db.incident.count({ where: { connectionId, kind: "dead_feed", closedAt: null } });
    await check();
    expect(await open()).toBe(1);
    await pass(MINUTE_MS);
    await setUp.db.connection.update({
      where: { id: connectionId },
      data: { warmSweptAt: setUp.clock.now() },
    });
    await check();
    expect(await open()).toBe(0);
  });

  test("a restart is no silence, nor is one process of two that ends", async () => {
    await beat();
    await pass(10 * MINUTE_MS);
    expect(await beat()).toBeNull();
    await pass(10 * MINUTE_MS);
    expect(await beat()).toBeNull();
    expect(await findGaps()).toEqual([]);
  });

  test("a HighLevel account is read where it has called before, since its workflows call once", async () => {
    const { world, deps, db } = setUp;
    const outcome = await connectHighLevel(deps, world.actor, {
      workspaceId: world.workspace.id,
      token: world.location.token,
      locationId: world.location.location.id,
    });
    if (!outcome.ok) throw new Error(`not connected: ${outcome.error.code}`);
    await beat();
    await pass(HOUR_MS);
    await beat();
    expect((await findGaps()).map((gap) => gap.connectionId)).toEqual([connectionId]);

    await db.connection.update({ where: { id: outcome.connectionId }, data: { lastEventAt: TEST_NOW } });
    await db.$executeRaw`DELETE FROM pgboss.job`;
    await pass(HOUR_MS);
    await beat();
    expect((await findGaps()).map((gap) => gap.connectionId).sort()).toEqual(
      [connectionId, outcome.connectionId].sort(),
    );
  });
});
