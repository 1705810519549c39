import { beforeEach, describe, expect, it } from "vitest";
import { SettableClock } from "#server/lib/clock.ts";
import { addDays, addMs, DAY_MS, HOUR_MS, MINUTE_MS, startOfUtcDay } from "#server/lib/duration.ts";
import { createSecretBox } from "#server/lib/secrets.ts";
import { sweepConnection } from "#server/reconcile/sweep-connection.ts";
import { setUpReconcile } from "#server/reconcile/testing/set-up-reconcile.ts";
import { buildConnection, buildInstance, buildLead, buildWorkspace } from "#server/testing/factories.ts";
import { computeLookupDelayMs } from "./record-lookup.ts";
import { runLookups } from "./run-lookups.ts";

const test = setUpReconcile();

const secrets = createSecretBox("test-secret-of-at-least-32-characters");
const clock = new SettableClock(new Date());
const deps = () => ({ ...test.deps, clock });
const at = (days: number) => addMs(addDays(startOfUtcDay(new Date()), days), 10 * HOUR_MS).toISOString();

let world: Awaited<ReturnType<typeof buildWorld>>;

beforeEach(async () => {
  clock.set(new Date());
  world = await buildWorld();
});

/** A location whose list leaves a calendar out, swept once, with a way to put people into a sequence and to book. */
async function buildWorld() {
  const { location, token, calendars } = await test.sandbox.control("/highlevel/locations", {
    name: "Lumen Dental Group",
    timezone: "America/Chicago",
    users: [],
    calendars: [{ name: "Discovery" }, { name: "Hidden", isListed: false }],
  });
  const { id: workspaceId } = await buildWorkspace(test.db);
  const { id: connectionId } = await buildConnection(test.db, {
    workspaceId,
    provider: "highlevel",
    locationId: location.id,
    tokenSealed: secrets.seal(token),
  });
  await sweepConnection(test.deps, { connectionId, tier: "warm", trigger: "test" });
  return {
    workspaceId,
    connectionId,
    async court(email: string) {
      const { id } = await buildLead(test.db, { workspaceId, email });
      await buildInstance(test.db, { leadId: id });
      return id;
    },
    async book(email: string) {
      const { contact } = await test.sandbox.control("/highlevel/contact", {
        location: location.id,
        email,
        firstName: "Sam",
      });
      const hidden = calendars.find((each: { name: string }) => each.name === "Hidden").id;
      await test.sandbox.control("/highlevel/book", {
        location: location.id,
        calendar: hidden,
        contact: contact.id,
        start: at(3),
      });
    },
  };
}

const run = () => runLookups(deps(), { workspaceId: world.workspaceId, leads: 50, trigger: "test" });
const lastRun = () =>
  test.db.jobRun.findFirst({
    where: { job: "look-up-leads", workspaceId: world.workspaceId },
    orderBy: { startedAt: "desc" },
  });
const lookup = (leadId: string) => test.db.leadLookup.findUnique({ where: { leadId } });
const fault = (overrides: Record<string, unknown>) =>
  test.sandbox.control("/faults", { provider: "highlevel", match: { path: "/contacts" }, ...overrides });

describe("a batch of lookups (R30)", () => {
  it("finds a booking that no sweep can see, ends the sequence, and says which way and why", async () => {
    const leadId = await world.court("omar@harbor.example");
    await world.book("omar@harbor.example");
    expect(await run()).toMatchObject({ leads: 1, created: 1 });
    expect(await test.db.lead.findUniqueOrThrow({ where: { id: leadId } })).toMatchObject({
      meetingState: "booked",
    });
    expect(await test.db.followUpInstance.findFirst({ where: { leadId } })).toMatchObject({
      status: "completed",
    });
    expect(await lastRun()).toMatchObject({
      way: "lookup",
      why: "highlevel may leave calendars out of its list; once a day for each lead",
      connectionId: world.connectionId,
      state: "succeeded",
      // One more than usual: a meeting that is new names a host.
      counters: { planned: 1, leads: 1, calls: 3, failed: 0, estimatedLookupCalls: 2 },
    });
  });

  it("has nothing to do a moment later", async () => {
    await world.court("omar@harbor.example");
    await run();
    expect(await run()).toBeNull();
    clock.advance(DAY_MS);
    expect(await run()).toMatchObject({ leads: 1 });
  });

  it("lets one lead that cannot be read stop no other, and wait longer each time", async () => {
    const first = await world.court("a@harbor.example");
    const second = await world.court("b@harbor.example");
    const [poisoned, other] = first < second ? [first, second] : [second, first];
    await fault({ kind: "error_body_200", times: 1 });
    expect(await run()).toMatchObject({ planned: 2, leads: 1, failed: 1 });
    expect(await lookup(poisoned)).toMatchObject({ failures: 1, triedAt: clock.now() });
    expect(await lookup(other)).toMatchObject({ failures: 0 });
    expect(await test.db.connection.findUniqueOrThrow({ where: { id: world.connectionId } })).toMatchObject({
      lookupFailures: 0,
    });

    clock.advance(DAY_MS);
    await fault({ kind: "error_body_200", times: 1 });
    await test.db.leadLookup.update({ where: { leadId: other }, data: { triedAt: clock.now() } });
    expect(await run()).toMatchObject({ planned: 1, failed: 1 });
    const { failures, dueAt } = (await lookup(poisoned)) ?? {};
    expect({ failures, dueAt }).toEqual({ failures: 2, dueAt: addMs(clock.now(), 4 * MINUTE_MS) });
  });

  it("stops at once where the account does not answer, rests alone, and asks nobody each minute (R31)", async () => {
    for (const name of ["a", "b", "c"]) await world.court(`${name}@harbor.example`);
    await fault({ kind: "status", status: 503 });
    expect(await run()).toMatchObject({ planned: 3, leads: 0, failed: 1 });
    const connection = () => test.db.connection.findUniqueOrThrow({ where: { id: world.connectionId } });
    expect(await connection()).toMatchObject({ failures: 0, lookupFailures: 1, breakerUntil: null });
    expect(await run()).toBeNull();

    await test.sandbox.control("/calls/reset");
    let batches = 0;
    for (let minute = 0; minute < 60; minute++) {
      clock.advance(MINUTE_MS);
      if (await run()) batches += 1;
    }
    // 30 s, 1, 2, 4, 8, 15, 15 … minutes apart.
    expect(batches).toBeLessThan(10);

    await test.sandbox.control("/faults", {}, "DELETE");
    clock.advance(DAY_MS);
    expect(await run()).toMatchObject({ leads: 3, failed: 0 });
    expect(await connection()).toMatchObject({ lookupFailures: 0, lookupsAfter: null });
  });

  it("takes many leads in a row that cannot be read for the account's trouble", async () => {
    for (let n = 0; n < 8; n++) await world.court(`guest${n}@harbor.example`);
    await fault({ kind: "error_body_200" });
    expect(await run()).toMatchObject({ planned: 8, failed: 5 });
    expect(await run()).toBeNull();
  });

  it("goes on where sweeps may not list events while the token answers for contacts", async () => {
    const leadId = await world.court("omar@harbor.example");
    await world.book("omar@harbor.example");
    await test.db.lead.update({ where: { id: leadId }, data: { lookedUpAt: addMs(clock.now(), -HOUR_MS) } });
    await fault({ kind: "error_body_200", match: { path: "/calendars/events" } });
    const sweep = { connectionId: world.connectionId, tier: "hot" as const, trigger: "test" };
    await expect(sweepConnection(deps(), sweep)).rejects.toMatchObject({ kind: "unexpected" });
    expect(await run()).toMatchObject({ created: 1 });
    expect(await lastRun()).toMatchObject({ why: "highlevel refuses the sweep but not the lookup" });
  });
});

describe("computeLookupDelayMs", () => {
  it("doubles, up to six hours", () => {
    const minutes = [0, 1, 2, 3, 8, 9, 50].map((failures) => computeLookupDelayMs(failures) / MINUTE_MS);
    expect(minutes).toEqual([0, 2, 4, 8, 256, 360, 360]);
  });
});
