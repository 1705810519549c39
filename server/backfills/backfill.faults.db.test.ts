import { beforeEach, describe, expect, it } from "vitest";
import { type Clock, systemClock } from "#server/lib/clock.ts";
import { addMs, DAY_MS, MINUTE_MS, SECOND_MS } from "#server/lib/duration.ts";
import { createSecretBox } from "#server/lib/secrets.ts";
import { createPostgresRateLimiter } from "#server/providers/postgres-rate-limiter.ts";
import { createProviderClients } from "#server/providers/provider-clients.ts";
import { highlevelBucket } from "#server/providers/rate-bucket.ts";
import { systemSleep } from "#server/providers/sleep.ts";
import { setUpSandbox } from "#server/providers/testing/set-up-sandbox.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildConnection, buildWorkspace } from "#server/testing/factories.ts";
import { resumeStalledBackfills } from "./resume-stalled.ts";
import { runBackfill } from "./run-backfill.ts";
import { buildCalendlyWorld, createBackfillDeps, TEST_SECRET } from "./testing/backfill-world.ts";
import { command, never, read, start } from "./testing/run-tools.ts";

const database = setUpTestDatabase();
const sandbox = setUpSandbox();

beforeEach(async () => {
  await sandbox.control("/faults", {}, "DELETE");
  await sandbox.control("/settings", {}, "DELETE");
});

const fault = (rule: Record<string, unknown>) =>
  sandbox.control("/faults", { provider: "calendly", ...rule });

/** Runs like any clock and can be put forward, so that no wait takes its time. */
class ForwardClock implements Clock {
  #aheadMs = 0;
  now(): Date {
    return addMs(systemClock.now(), this.#aheadMs);
  }
  advance(ms: number): void {
    this.#aheadMs += ms;
  }
  reach(moment: Date): void {
    this.#aheadMs += Math.max(0, moment.getTime() - this.now().getTime() + 1);
  }
}

/** A worker's collaborators; retries inside one call do not wait. */
function openDeps() {
  const clock = new ForwardClock();
  const deps = createBackfillDeps(database.db, sandbox.url, clock);
  const providers = createProviderClients({
    config: { calendlyApiUrl: `${sandbox.url}/calendly`, highlevelApiUrl: `${sandbox.url}/highlevel` },
    clock: systemClock,
    sleep: async () => {},
    limiter: createPostgresRateLimiter(database.db, { clock: systemClock, sleep: systemSleep }),
  });
  return { ...deps, providers, clock, sleep: async (ms: number) => clock.advance(ms) };
}

const loadRun = (id: string) => database.db.backfill.findUniqueOrThrow({ where: { id } });
const loadSlices = (backfillId: string) =>
  database.db.backfillSlice.findMany({ where: { backfillId }, orderBy: { day: "asc" } });

/** Works on a run, waking whenever it asked to be woken, until it has ended or needs a person. */
async function drive(deps: ReturnType<typeof openDeps>, id: string) {
  for (let turn = 0; turn < 60; turn++) {
    await runBackfill(deps, { backfillId: id }, never());
    const { state, waitUntil } = await loadRun(id);
    if (state !== "waiting" || waitUntil === null) return read(deps, id);
    deps.clock.reach(waitUntil);
  }
  throw new Error("the run waits for ever");
}

describe("a limit (11)", () => {
  it("is believed in whatever unit it is told, and is neither an error nor an attempt", async () => {
    const deps = openDeps();
    const world = await buildCalendlyWorld(database.db, sandbox.control, { 1: 1 });
    const { id } = await start(deps, world.workspace.id, 1, 2);
    const inNinety = () => Date.now() + 90 * SECOND_MS;
    const forms: (() => Record<string, string>)[] = [
      () => ({ "Retry-After": "90" }),
      () => ({ "Retry-After": new Date(inNinety()).toUTCString() }),
      () => ({ "X-RateLimit-Reset": "90" }),
      () => ({ "X-RateLimit-Reset": "90000" }),
      () => ({ "X-RateLimit-Reset": String(Math.round(inNinety() / 1_000)) }),
      () => ({ "X-RateLimit-Reset": String(inNinety()) }),
    ];
    for (const form of forms) {
      await fault({ kind: "429", times: 1, headers: form() });
      const askedAt = deps.clock.now();
      await runBackfill(deps, { backfillId: id }, never());
      const { waitUntil } = await loadRun(id);
      const waitMs = Number(waitUntil) - askedAt.getTime();
      // A tenth more at most, so that nobody comes back together; dates are cut to the second.
      expect(waitMs, JSON.stringify(form())).toBeGreaterThan(88 * SECOND_MS);
      expect(waitMs, JSON.stringify(form())).toBeLessThan(105 * SECOND_MS);
      expect(await read(deps, id)).toMatchObject({
        state: "waiting",
        waitReason: { kind: "limit" },
        errors: [],
      });
      await database.db.rateBucket.updateMany({ data: { cooldownUntil: null, limit: 250, calls: [] } });
      await database.db.backfill.update({ where: { id }, data: { waitUntil: askedAt } });
    }
    expect(await drive(deps, id)).toMatchObject({ state: "succeeded", done: 1 });
    expect((await loadSlices(id)).map(({ attempts }) => attempts)).toEqual([0]);
  });
});

describe("a day's budget (13)", () => {
  it("stops a backfill at its reserve, says until when, leaves the rest to people, and goes on when it is over", async () => {
    const deps = openDeps();
    const workspace = await buildWorkspace(database.db);
    const made = await sandbox.control("/highlevel/locations", {
      name: "Lumen Dental",
      users: [{ name: "Kim Cho", email: "kim@lumen.example" }],
      calendars: [{ name: "Consult" }],
      contacts: [],
    });
    const locationId: string = made.location.id;
    await buildConnection(database.db, {
      workspaceId: workspace.id,
      provider: "highlevel",
      locationId,
      tokenSealed: createSecretBox(TEST_SECRET).seal(made.token),
    });
    await sandbox.control("/settings", { highlevelDailyLimit: 20 });
    const { id } = await start(deps, workspace.id, 1, 13);
    await runBackfill(deps, { backfillId: id }, never());
    const parked = await loadRun(id);
    expect(await read(deps, id)).toMatchObject({
      state: "waiting",
      waitReason: { kind: "limit", provider: "highlevel" },
      errors: [],
    });
    const waitMs = Number(parked.waitUntil) - deps.clock.now().getTime();
    expect(waitMs).toBeGreaterThan(DAY_MS - MINUTE_MS);
    expect(waitMs).toBeLessThanOrEqual(DAY_MS);
    const { calls } = (await sandbox.control("/calls", {}, "GET")).tokens[made.token];
    // Four fifths; calls that are on their way together may be one more.
    expect(calls).toBeLessThanOrEqual(17);
    const asPerson = deps.providers.highlevel({ token: made.token, locationId, priority: "live" });
    expect((await asPerson.location()).location.id).toBe(locationId);

    await sandbox.control("/settings", { highlevelDailyLimit: 200_000 });
    await database.db.rateBucket.update({
      where: { key: highlevelBucket(locationId) },
      data: { dailyResetAt: new Date() },
    });
    deps.clock.reach(parked.waitUntil ?? new Date());
    await resumeStalledBackfills(deps);
    expect(deps.called).toContain(id);
    expect(await drive(deps, id)).toMatchObject({ state: "succeeded", slices: { done: 12 } });
  });
});

describe("a provider that fails (14, 15)", () => {
  it("is asked five times for a slice, which is then incomplete while all others are read", async () => {
    const deps = openDeps();
    const world = await buildCalendlyWorld(database.db, sandbox.control, { 1: 1, 2: 1, 3: 1, 4: 1 });
    const kinds = [{ kind: "status", status: 503 }, { kind: "reset" }, { kind: "truncate" }];
    for (const [index, kind] of kinds.entries()) {
      await fault({
        ...kind,
        match: { path: `/scheduled_events/${world.invitees[index]?.eventId}/invitees` },
      });
    }
    const { id } = await start(deps, world.workspace.id, 1, 5);
    expect(await drive(deps, id)).toMatchObject({
      state: "incomplete",
      slices: { done: 1, failed: 3 },
      done: 1,
    });
    const slices = await loadSlices(id);
    expect(slices.map(({ attempts }) => attempts)).toEqual([5, 5, 5, 0]);
    expect(slices.map(({ errorCode }) => errorCode)).toEqual([
      "provider_unavailable",
      "provider_unavailable",
      "provider_unexpected",
      null,
    ]);

    await sandbox.control("/faults", {}, "DELETE");
    await command(deps, id, "retry");
    expect(await drive(deps, id)).toMatchObject({ state: "succeeded", done: 4, errors: [] });
  });
});

describe("a provider that is down (14)", () => {
  it("rests a connection most of whose slices fail, and goes on with the others when it is back", async () => {
    const deps = openDeps();
    const world = await buildCalendlyWorld(database.db, sandbox.control, { 1: 1, 2: 1, 8: 1 });
    await fault({ kind: "status", status: 503, match: { token: world.token } });
    const { id } = await start(deps, world.workspace.id, 1, 9);
    for (let turn = 0; turn < 40; turn++) {
      await runBackfill(deps, { backfillId: id }, never());
      const { waitUntil } = await loadRun(id);
      if (Number(waitUntil) - deps.clock.now().getTime() > 30 * SECOND_MS) break;
      deps.clock.reach(waitUntil ?? deps.clock.now());
    }
    expect(await read(deps, id)).toMatchObject({
      state: "waiting",
      waitReason: { kind: "no_answer", provider: "calendly" },
      slices: { failed: 3, done: 0, total: 8 },
    });
    await sandbox.control("/faults", {}, "DELETE");
    deps.clock.reach((await loadRun(id)).waitUntil ?? deps.clock.now());
    expect(await drive(deps, id)).toMatchObject({ state: "incomplete", slices: { failed: 3, done: 5 } });
    await command(deps, id, "retry");
    expect(await drive(deps, id)).toMatchObject({ state: "succeeded", errors: [] });
    expect(await database.db.appointment.count({ where: { workspaceId: world.workspace.id } })).toBe(3);
  });
});

describe("pages that do not end as they should (16, 17)", () => {
  const DAY = { 1: 5 };

  it("begins the slice again where a page token was worn out, and applies nothing twice", async () => {
    const deps = openDeps();
    const world = await buildCalendlyWorld(database.db, sandbox.control, DAY);
    await sandbox.control("/settings", { calendlyPageSize: 2 });
    await fault({ kind: "expired_page_token", match: { path: "^/scheduled_events$" }, skip: 1, times: 1 });
    const { id } = await start(deps, world.workspace.id, 1, 2);
    const after = await drive(deps, id);
    expect(after).toMatchObject({
      state: "succeeded",
      failed: 0,
      effects: { appointmentsAdded: 5 },
      errors: [],
    });
    expect(after.done + after.known).toBe(5);
    expect(await database.db.appointmentChange.count({ where: { workspaceId: world.workspace.id } })).toBe(5);
  });

  it("leaves a slice whose list names the same page again, and says so in its ledger", async () => {
    const deps = openDeps();
    const world = await buildCalendlyWorld(database.db, sandbox.control, DAY);
    await sandbox.control("/settings", { calendlyPageSize: 2 });
    await fault({ kind: "repeat_token", match: { path: "^/scheduled_events$" } });
    const { id } = await start(deps, world.workspace.id, 1, 2);
    expect(await drive(deps, id)).toMatchObject({
      state: "incomplete",
      errors: [{ code: "provider_unexpected", example: "The provider repeated a page." }],
    });
    expect(
      await database.db.incident.findMany({ where: { connectionId: world.connection.id } }),
    ).toMatchObject([{ kind: "page_token_repeated", closedAt: null }]);
    await sandbox.control("/faults", {}, "DELETE");
    await command(deps, id, "retry");
    expect(await drive(deps, id)).toMatchObject({ state: "succeeded" });
    expect(await database.db.appointment.count({ where: { workspaceId: world.workspace.id } })).toBe(5);
  });
});

describe("a calendar that shifts while it is read (18)", () => {
  it("reads a day again when a meeting that nobody knew slipped over the edge of a page", async () => {
    const deps = openDeps();
    const world = await buildCalendlyWorld(database.db, sandbox.control, { 1: 5 });
    await sandbox.control("/settings", { calendlyPageSize: 2, calendlyPaging: "offset" });
    const { id } = await start(deps, world.workspace.id, 1, 2);
    await fault({
      kind: "latency",
      latencyMs: 500,
      match: { path: "^/scheduled_events$" },
      skip: 1,
      times: 1,
    });
    const working = drive(deps, id);
    const faults = async () => (await sandbox.control("/faults", {}, "GET")).faults;
    await expect.poll(faults, { timeout: 20_000, interval: 10 }).toEqual([]);
    await sandbox.control("/calendly/delete", { event: world.invitees[0]?.eventId });
    expect(await working).toMatchObject({ state: "succeeded", errors: [] });
    // The third is there, which slipped onto the first page; the first is missing from the next pass on.
    expect(await database.db.appointment.count({ where: { workspaceId: world.workspace.id } })).toBe(5);
    const next = await start(deps, world.workspace.id, 1, 2);
    expect(await drive(deps, next.id)).toMatchObject({ effects: { vanished: 1, appointmentsAdded: 0 } });
  });
});

describe("a token that dies in the middle (21)", () => {
  it("parks the run at its page, which is where it goes on once there is a new one", async () => {
    const deps = openDeps();
    const world = await buildCalendlyWorld(database.db, sandbox.control, { 2: 5, 1: 1 });
    await sandbox.control("/settings", { calendlyPageSize: 2 });
    const { id } = await start(deps, world.workspace.id, 1, 3);
    await fault({ kind: "status", status: 401, match: { path: "^/scheduled_events$" }, skip: 1 });
    expect(await drive(deps, id)).toMatchObject({
      state: "waiting",
      waitReason: { kind: "connection" },
      done: 2,
    });
    const parked = (await loadSlices(id))[1];
    expect(parked).toMatchObject({ state: "running", page: 1, attempts: 0 });
    const connection = await database.db.connection.findUniqueOrThrow({ where: { id: world.connection.id } });
    expect(connection.state).toBe("action_needed");

    await sandbox.control("/faults", {}, "DELETE");
    await sandbox.control("/calls/reset");
    const { token } = await sandbox.control("/calendly/tokens", {
      organization: world.organizationId,
      user: connection.ownerId,
    });
    await database.db.connection.update({
      where: { id: connection.id },
      data: {
        tokenSealed: createSecretBox(TEST_SECRET).seal(token),
        tokenChangedAt: addMs(deps.clock.now(), SECOND_MS),
        state: "healthy",
      },
    });
    deps.called.length = 0;
    await resumeStalledBackfills(deps);
    expect(deps.called).toContain(id);
    expect(await drive(deps, id)).toMatchObject({ state: "succeeded", done: 6, known: 0 });
    // Two pages were left of the one day, whose three were looked at once more in the end, and one of the other.
    const { families } = (await sandbox.control("/calls", {}, "GET")).calendly;
    expect(families["GET /scheduled_events"]).toBe(6);
  });
});

describe("history beyond what the provider keeps (26)", () => {
  it("stays as it was when the provider has forgotten it; what should still be there is a loss", async () => {
    const deps = openDeps();
    const world = await buildCalendlyWorld(database.db, sandbox.control, { [-400]: 1, [-30]: 1 });
    const [old = "", recent = ""] = world.invitees.map(({ inviteeId }) => inviteeId);
    const readBoth = async () => {
      for (const day of [-400, -30]) {
        const { id } = await start(deps, world.workspace.id, day, day + 1);
        expect(await drive(deps, id)).toMatchObject({ state: "succeeded" });
      }
      const rows = await database.db.appointment.findMany({ where: { workspaceId: world.workspace.id } });
      return Object.fromEntries(rows.map(({ providerId, status }) => [providerId, status]));
    };
    expect(Object.values(await readBoth())).toEqual(["confirmed", "confirmed"]);
    for (const invitee of [old, recent]) await sandbox.control("/calendly/delete", { invitee });
    expect(await readBoth()).toEqual({ [old]: "confirmed", [recent]: "vanished" });
  });
});

describe("a provider that names nothing any more, day after day (39)", () => {
  it("is not believed beyond ten meetings, however few each day holds, and a person is told", async () => {
    const deps = openDeps();
    const days = [1, 2, 3, 4, 5, 6, 7, 8];
    const meetings = Object.fromEntries(days.map((day) => [day, 3]));
    const world = await buildCalendlyWorld(database.db, sandbox.control, meetings);
    const first = await start(deps, world.workspace.id, 1, 9);
    expect(await drive(deps, first.id)).toMatchObject({ state: "succeeded", done: 24 });
    for (const { inviteeId } of world.invitees) {
      await sandbox.control("/calendly/delete", { invitee: inviteeId });
    }
    const second = await start(deps, world.workspace.id, 1, 9);
    expect(await drive(deps, second.id)).toMatchObject({ state: "incomplete" });
    const where = { workspaceId: world.workspace.id };
    expect(await database.db.appointment.count({ where: { ...where, status: "vanished" } })).toBe(9);
    expect((await loadSlices(second.id)).filter(({ state }) => state === "failed")).toHaveLength(5);
    expect(await database.db.incident.findFirst({ where: { ...where, closedAt: null } })).toMatchObject({
      kind: "suspicious_drop",
    });
  });
});
