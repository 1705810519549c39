import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SYSTEM } from "#server/audit/actor.ts";
import { connectCalendly } from "#server/connections/connect-calendly.ts";
import { countWorkers, nameProcess } from "#server/db/count-workers.ts";
import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { createQueue, type Queue } from "#server/db/queue.ts";
import { SettableClock } from "#server/lib/clock.ts";
import { addMs, DAY_MS, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import { createLog } from "#server/lib/log.ts";
import { setUpSandbox } from "#server/providers/testing/set-up-sandbox.ts";
import { openIncident } from "#server/reconcile/incidents.ts";
import { runSweep } from "#server/scheduler/run-sweep.ts";
import {
  buildAppointment,
  buildConnection,
  buildInstance,
  buildLead,
  buildWorkspace,
  TEST_NOW,
} from "#server/testing/factories.ts";
import { setUpTestServer, TEST_CRON_SECRET } from "#server/testing/start-test-server.ts";

const clock = new SettableClock(TEST_NOW);
const sandbox = setUpSandbox();
const server = setUpTestServer(() => ({ clock, sandboxUrl: sandbox.url }));

/** Who waits for sweeps needs somebody who does them; nobody does what is only put in line. */
let awaited = 0;
let worker: Queue;

async function startWorker() {
  worker = await createQueue(server.databaseUrl, createLog("silent"), nameProcess("worker"));
  await worker.work("sweep", { concurrency: 3 }, async (request, signal) => {
    if (awaited > 0) await runSweep(server.deps, request, signal);
  });
}

beforeAll(startWorker);
afterAll(() => worker.stop(0));

async function call(
  query: string,
  { secret = TEST_CRON_SECRET, method = "GET", job = "appointment-reconcile" } = {},
) {
  const isAwaited = query.includes("wait=1");
  if (isAwaited) awaited += 1;
  try {
    const response = await fetch(`${server.url}/api/cron/${job}${query}`, {
      method,
      headers: { authorization: `Bearer ${secret}` },
    });
    // biome-ignore lint/suspicious/noExplicitAny: tests read a few fields of many different answers
    return { status: response.status, body: (await response.json()) as any };
  } finally {
    if (isAwaited) awaited -= 1;
  }
}

beforeEach(async () => {
  clock.set(TEST_NOW);
  await sandbox.control("/reset", { world: "empty" });
  await sandbox.control("/clock", { now: TEST_NOW.toISOString() });
  await server.db.workspace.deleteMany();
  await server.db.jobRun.deleteMany();
  await server.db.$executeRaw`DELETE FROM pgboss.job`;
});

/** A connected workspace with one lead who has booked at the sandbox. */
async function buildWorld(name = "Northwind") {
  const organization = await sandbox.control("/calendly/organizations", {
    name,
    users: [{ name: "Dana Ruiz", email: `dana@${name.toLowerCase()}.example` }],
    eventTypes: [{ name: "Intro call", duration: 30 }],
  });
  const token = organization.users[0].token as string;
  const { id: workspaceId, slug } = await buildWorkspace(server.db);
  const connected = await connectCalendly(server.deps, SYSTEM, { workspaceId, token });
  if (!connected.ok) throw new Error(connected.error.code);
  await server.db.$executeRaw`DELETE FROM pgboss.job`;
  const lead = await buildLead(server.db, { workspaceId });
  const book = (start: Date) =>
    sandbox.control("/calendly/book", {
      organization: organization.organization.id,
      eventType: "Intro call",
      start: start.toISOString(),
      at: addMs(TEST_NOW, -HOUR_MS).toISOString(),
      invitee: { email: lead.email, name: "Maya Okafor" },
    });
  await book(addMs(TEST_NOW, 2 * DAY_MS));
  return { workspaceId, slug, token, connectionId: connected.connectionId, leadId: lead.id, book };
}

const stateOf = async (id: string) =>
  (await server.db.lead.findUniqueOrThrow({ where: { id } })).meetingState;

describe("/api/cron/appointment-reconcile", () => {
  it("opens to its secret alone", async () => {
    expect((await call("", { secret: "wrong" })).status).toBe(401);
    const bare = await fetch(`${server.url}/api/cron/appointment-reconcile?secret=${TEST_CRON_SECRET}`);
    expect(bare.status).toBe(401);
    expect((await call("")).status).toBe(202);
  });

  it("knows no other job, and no mistyped parameter", async () => {
    expect((await call("", { job: "coffee" })).status).toBe(404);
    expect((await call("", { job: "constructor" })).status).toBe(404);
    expect((await call("?dryrun=1")).body.error.code).toBe("unknown_parameter");
    expect((await call("?workspaceLimit=0")).body.error.code).toBe("bad_parameter");
    expect((await call("?workspaceId=nobody")).status).toBe(404);
  });

  it("puts what is due in line and answers at once", async () => {
    const { connectionId } = await buildWorld();
    const { status, body } = await call("", { method: "POST" });
    expect(status).toBe(202);
    expect(body).toMatchObject({ queued: 1, connections: [{ connectionId, tier: "warm", skipped: null }] });
    const jobs = await server.db.$queryRaw<
      { data: unknown }[]
    >`SELECT data FROM pgboss.job WHERE name = 'sweep'`;
    expect(jobs).toMatchObject([{ data: { connectionId, trigger: "http" } }]);
  });

  it("waits for the sweeps when it is asked to, and says what each connection counted", async () => {
    const { connectionId, leadId } = await buildWorld();
    const { status, body } = await call("?wait=1");
    expect(status).toBe(200);
    expect(body).toMatchObject({
      dryRun: false,
      totals: { done: 1, failed: 0, created: 1 },
      connections: [{ connectionId, outcome: "done", errorCode: null, counters: { created: 1, pages: 1 } }],
    });
    expect(await stateOf(leadId)).toBe("booked");
    expect(await server.db.jobRun.findFirst({ where: { connectionId } })).toMatchObject({ trigger: "http" });
  });

  it("says at once that nobody works where it would wait for ever, and puts nothing in line", async () => {
    await buildWorld();
    await worker.stop(0);
    await expect.poll(() => countWorkers(server.db)).toBe(0);
    const { status, body } = await call("?wait=1");
    expect([status, body.error.code]).toEqual([503, "no_worker"]);
    expect(body.error.message).toMatch(/PROCESS_ROLE=worker/);
    expect(await server.db.$queryRaw`SELECT 1 FROM pgboss.job WHERE name = 'sweep'`).toEqual([]);
    expect((await call("?dryRun=1")).status).toBe(200);
    await startWorker();
    expect((await call("?wait=1")).body.totals).toMatchObject({ done: 1 });
  });

  it("finds what has happened since, even when nothing is due", async () => {
    const { leadId, book } = await buildWorld();
    await call("?wait=1");
    await book(addMs(TEST_NOW, 3 * DAY_MS));
    await server.db.connection.updateMany({ data: { coldSweptAt: TEST_NOW } });
    expect((await call("")).body.queued).toBe(0);
    await server.db.connection.updateMany({ data: { coldSweptAt: null } });
    expect((await call("?wait=1")).body.totals.created).toBe(1);
    expect(await server.db.appointment.count({ where: { leadId } })).toBe(2);
  });

  it("never has one account swept twice at once: those who wait together share a pass (R29)", async () => {
    const { connectionId, book } = await buildWorld();
    for (const days of [3, 4, 5]) await book(addMs(TEST_NOW, days * DAY_MS));
    await sandbox.control("/calls/reset");
    const answers = await Promise.all(["?wait=1", "?wait=1", "?wait=1"].map((query) => call(query)));
    for (const { body } of answers) {
      expect(body.connections).toMatchObject([{ connectionId, outcome: "done" }]);
    }
    // A pass after the first one finds everybody known, and one beside it would read them again.
    const { families } = (await sandbox.control("/calls", undefined, "GET")).calendly;
    expect(families["GET /scheduled_events/:id/invitees"]).toBe(4);
  });

  it("answers with a pass that began after it was asked, where one is under way", async () => {
    const { workspaceId, connectionId, book } = await buildWorld();
    const countJobs = async (state: string) => {
      const jobs = await server.db.$queryRaw<unknown[]>`
        SELECT 1 FROM pgboss.job WHERE name = 'sweep' AND state::text = ${state}`;
      return jobs.length;
    };
    const blocked = async () => {
      const locks = await server.db.$queryRaw<unknown[]>`
        SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
      return locks.length;
    };
    const { first, second } = await server.db.$transaction(
      async (tx) => {
        await lockWorkspace(tx, workspaceId);
        const first = call("?wait=1");
        await expect.poll(blocked, { timeout: 15_000 }).toBe(1);
        await book(addMs(TEST_NOW, 3 * DAY_MS));
        const second = call("?wait=1");
        await expect.poll(() => countJobs("created"), { timeout: 15_000 }).toBe(1);
        return { first, second };
      },
      { timeout: 60_000 },
    );
    expect((await first).body.connections).toMatchObject([{ connectionId, counters: { created: 1 } }]);
    expect((await second).body.connections).toMatchObject([
      { connectionId, counters: { created: 1, known: 1 } },
    ]);
  });

  it("writes nothing in a dry run and counts the same (R19)", async () => {
    const { leadId } = await buildWorld();
    const count = async () => ({
      appointments: await server.db.appointment.count(),
      changes: await server.db.appointmentChange.count(),
      audit: await server.db.auditEntry.count(),
      coverage: await server.db.coverage.count(),
      watermarks: await server.db.eventWatermark.count(),
      runs: await server.db.jobRun.count(),
      events: await server.db.outboxEvent.count(),
      connections: await server.db.connection.findMany(),
    });
    const before = await count();
    const rehearsed = await call("?dryRun=1");
    expect(rehearsed.body).toMatchObject({ dryRun: true, totals: { created: 1, leadsChanged: 1 } });
    expect(await count()).toEqual(before);
    expect(await stateOf(leadId)).toBe("none");
    expect((await call("?wait=1")).body.totals).toMatchObject({ created: 1, leadsChanged: 1 });
  });

  it("lets one bad token stop nobody else, and lets it rest (R31)", async () => {
    const good = await buildWorld();
    const { workspaceId } = await buildWorld("Harbor");
    await server.db.connection.updateMany({
      where: { workspaceId },
      data: { tokenSealed: server.deps.secrets.seal("sandbox-calendly-unknown") },
    });
    const { body } = await call("?wait=1");
    const outcome = (id: string) =>
      body.connections.find((each: { workspaceId: string }) => each.workspaceId === id);
    expect(outcome(workspaceId)).toMatchObject({ outcome: "failed", errorCode: "provider_unauthorized" });
    expect(outcome(good.workspaceId)).toMatchObject({ outcome: "done" });
    expect(await stateOf(good.leadId)).toBe("booked");
    const again = await call(`?wait=1&workspaceId=${workspaceId}`);
    expect(again.body.connections).toMatchObject([{ outcome: "skipped", skipped: "resting" }]);
  });

  it("sweeps one workspace's whole window now, by id or name", async () => {
    const { workspaceId, slug, leadId } = await buildWorld();
    await buildWorld("Harbor");
    const { body } = await call(`?wait=1&workspaceId=${workspaceId}`);
    expect(body.connections).toMatchObject([{ workspaceId, tier: "warm", outcome: "done" }]);
    expect(await stateOf(leadId)).toBe("booked");
    expect((await call(`?workspaceId=${slug}`)).body.queued).toBe(1);
  });

  it("gives every workspace its turn under a limit, and paused ones none", async () => {
    const one = await buildWorld();
    const two = await buildWorld("Harbor");
    const first = (await call("?wait=1&workspaceLimit=1&leadsPerWorkspace=5")).body.connections;
    clock.advance(MINUTE_MS);
    const second = (await call("?wait=1&workspaceLimit=1")).body.connections;
    expect([first[0].workspaceId, second[0].workspaceId].sort()).toEqual(
      [one.workspaceId, two.workspaceId].sort(),
    );
    await server.db.workspace.updateMany({ data: { paused: true } });
    expect((await call("?wait=1")).body.totals).toMatchObject({ done: 0, skipped: 2 });
  });

  describe("looks up leads where sweeps cannot answer for them (R30)", () => {
    /** Passes over this account are too short to be believed, and three of its leads are in a sequence. */
    async function buildHeldBack(name?: string) {
      const world = await buildWorld(name);
      await call(`?wait=1&workspaceId=${world.workspaceId}`);
      await openIncident(server.db, TEST_NOW, {
        ...world,
        kind: "suspicious_drop",
        subject: world.connectionId,
        cause: "test",
        action: "test",
      });
      for (let n = 0; n < 3; n++) {
        const lead = await buildLead(server.db, { workspaceId: world.workspaceId });
        await buildInstance(server.db, { leadId: lead.id });
      }
      clock.advance(MINUTE_MS);
      return world;
    }

    it("says which way, why, and at what cost, and asks nobody in a dry run", async () => {
      const { workspaceId, connectionId } = await buildHeldBack();
      const { body } = await call("?dryRun=1&leadsPerWorkspace=2");
      expect(body.lookups).toMatchObject([
        {
          workspaceId,
          way: "lookup",
          why: "calendly lists too few meetings to be believed",
          connections: [{ connectionId, because: "sweep_held_back" }],
          planned: 2,
          outcome: "planned",
          estimatedLookupCalls: 3,
          counters: {},
        },
      ]);
      expect(await server.db.leadLookup.count()).toBe(0);
      expect(
        (await server.db.workspace.findUniqueOrThrow({ where: { id: workspaceId } })).lookupsSentAt,
      ).toBe(null);
    });

    it("puts batches in line, for as many workspaces as it is told", async () => {
      const one = await buildHeldBack();
      const two = await buildHeldBack("Harbor");
      const { body } = await call("?workspaceLimit=1&leadsPerWorkspace=2");
      expect(body.lookups).toMatchObject([{ outcome: "queued", planned: 2 }]);
      const { body: next } = await call("?workspaceLimit=1&leadsPerWorkspace=2");
      expect([...body.lookups, ...next.lookups].map((l) => l.workspaceId).sort()).toEqual(
        [one.workspaceId, two.workspaceId].sort(),
      );
      const jobs = await server.db.$queryRaw<
        { data: unknown }[]
      >`SELECT data FROM pgboss.job WHERE name = 'look-up-leads'`;
      expect(jobs).toMatchObject([{ data: { leads: 2, trigger: "http" } }, { data: { leads: 2 } }]);
    });

    it("does them here when it is asked to wait, unless the sweep has answered", async () => {
      const { workspaceId } = await buildHeldBack();
      await server.db.incident.deleteMany();
      await sandbox.control("/faults", {
        provider: "calendly",
        kind: "error_body_200",
        match: { path: "/scheduled_events" },
        times: 1,
      });
      const { body } = await call("?wait=1&leadsPerWorkspace=2");
      expect(body.totals).toMatchObject({ failed: 1, lookedUp: 2, lookupCalls: 2 });
      expect(body.lookups).toMatchObject([
        { workspaceId, outcome: "done", counters: { leads: 2, calls: 2 } },
      ]);
      expect(await server.db.jobRun.findFirst({ where: { job: "look-up-leads" } })).toMatchObject({
        trigger: "http",
        way: "lookup",
      });

      await server.db.connection.updateMany({ data: { breakerUntil: null } });
      clock.advance(MINUTE_MS);
      const healed = (await call("?wait=1")).body;
      expect(healed.totals).toMatchObject({ done: 1, lookedUp: 0 });
    });
  });

  it("leaves disconnected accounts alone", async () => {
    const { id: workspaceId } = await buildWorkspace(server.db);
    await buildConnection(server.db, { workspaceId, state: "off" });
    expect((await call("?wait=1")).body.connections).toEqual([]);
  });
});

describe("/api/cron/follow-ups (R26, R28)", () => {
  const job = "follow-ups";

  async function smuggle() {
    const lead = await buildLead(server.db, { meetingState: "booked" });
    await buildAppointment(server.db, { leadId: lead.id, standing: "live" });
    return buildInstance(server.db, { leadId: lead.id });
  }
  const statusOf = async (id: string) =>
    (await server.db.followUpInstance.findUniqueOrThrow({ where: { id } })).status;

  it("opens to its secret alone", async () => {
    expect((await call("", { job, secret: "wrong" })).status).toBe(401);
  });

  it("puts the look in line and answers at once", async () => {
    expect(await call("", { job, method: "POST" })).toMatchObject({ status: 202, body: { queued: 1 } });
    const jobs = await server.db.$queryRaw<unknown[]>`SELECT 1 FROM pgboss.job WHERE name = 'follow-ups'`;
    expect(jobs).toHaveLength(1);
  });

  it("counts in a dry run what it would end, and keeps nothing of it; then ends it", async () => {
    const stray = await smuggle();
    const rehearsed = await call("?dryRun=1", { job });
    expect(rehearsed.body).toMatchObject({ dryRun: true, totals: { strays: 1 } });
    expect(await statusOf(stray.id)).toBe("active");
    expect(await server.db.incident.count({ where: { workspaceId: stray.workspaceId } })).toBe(0);
    expect((await call("?wait=1", { job })).body).toMatchObject({ dryRun: false, totals: { strays: 1 } });
    expect(await statusOf(stray.id)).toBe("completed");
    expect(await server.db.jobRun.findFirst({ where: { job } })).toMatchObject({
      trigger: "http",
      state: "succeeded",
      counters: { strays: 1 },
    });
  });

  it("looks after the workspace that is named, and no other", async () => {
    const [one, other] = [await smuggle(), await smuggle()];
    expect((await call(`?workspaceId=${one.workspaceId}`, { job })).body.totals).toMatchObject({ strays: 1 });
    expect([await statusOf(one.id), await statusOf(other.id)]).toEqual(["completed", "active"]);
  });
});

describe("/api/cron/webhook-health (R37)", () => {
  const job = "webhook-health";

  it("opens to its secret alone", async () => {
    expect((await call("", { job, secret: "wrong" })).status).toBe(401);
  });

  it("puts every check in line and answers at once", async () => {
    const { connectionId } = await buildWorld();
    const { status, body } = await call("", { job, method: "POST" });
    expect(status).toBe(202);
    expect(body).toMatchObject({ queued: 1, connections: [{ connectionId, provider: "calendly" }] });
    const jobs = await server.db.$queryRaw<
      { data: unknown }[]
    >`SELECT data FROM pgboss.job WHERE name = 'check-connection'`;
    expect(jobs).toMatchObject([{ data: { connectionId } }]);
  });

  it("checks here when it is asked to wait; one that is refused stops no other", async () => {
    const good = await buildWorld();
    const bad = await buildWorld("Harbor");
    await server.db.connection.update({
      where: { id: bad.connectionId },
      data: { tokenSealed: server.deps.secrets.seal("sandbox-calendly-unknown") },
    });
    const { status, body } = await call("?wait=1", { job });
    expect(status).toBe(200);
    expect(body.totals).toEqual({ done: 2, failed: 0 });
    const found = (id: string) =>
      body.connections.find((each: { connectionId: string }) => each.connectionId === id);
    expect(found(good.connectionId)).toMatchObject({ outcome: "done" });
    expect(found(bad.connectionId)).toMatchObject({ state: "action_needed", reasonCode: "unauthorized" });
    const row = await server.db.connection.findUniqueOrThrow({ where: { id: good.connectionId } });
    expect(row.lastCheckAt).toEqual(TEST_NOW);
    expect(await server.db.jobRun.findFirst({ where: { connectionId: good.connectionId } })).toMatchObject({
      job: "check-connection",
      trigger: "http",
    });
  });

  it("names what it would check in a dry run, of one workspace where one is named, and touches nothing", async () => {
    const { connectionId, slug } = await buildWorld();
    await buildWorld("Harbor");
    const before = await server.db.connection.findMany({ orderBy: { id: "asc" } });
    expect((await call(`?dryRun=1&workspaceId=${slug}`, { job })).body).toMatchObject({
      dryRun: true,
      connections: [{ connectionId }],
    });
    expect((await call("?dryRun=1&workspaceLimit=1", { job })).body.connections).toHaveLength(1);
    expect(await server.db.connection.findMany({ orderBy: { id: "asc" } })).toEqual(before);
    expect(await server.db.jobRun.count()).toBe(0);
  });
});
