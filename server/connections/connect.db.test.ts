import { describe, expect, test } from "vitest";
import { addMs, DAY_MS, HOUR_MS } from "#server/lib/duration.ts";
import { sweepConnection } from "#server/reconcile/sweep-connection.ts";
import { buildConnection, buildLead, TEST_NOW } from "#server/testing/factories.ts";
import { checkConnection } from "./check-connection.ts";
import { chooseEventTypes } from "./choose-event-types.ts";
import { connectCalendly } from "./connect-calendly.ts";
import { connectHighLevel } from "./connect-highlevel.ts";
import { disconnect } from "./disconnect.ts";
import { listConnections, loadHealth, loadManageFacts } from "./queries.ts";
import { rotateToken } from "./rotate-token.ts";
import { setUpConnections } from "./testing/set-up-connections.ts";
import { verifyCalendlyToken } from "./verify-calendly-token.ts";

const setUp = setUpConnections();

async function connect() {
  const { world, deps } = setUp;
  const ref = { workspaceId: world.workspace.id, token: world.ownerToken };
  const outcome = await connectCalendly(deps, world.actor, ref);
  if (!outcome.ok) throw new Error(`not connected: ${outcome.error.code}`);
  return outcome.connectionId;
}

function findRow(id: string) {
  return setUp.db.connection.findUniqueOrThrow({ where: { id }, include: { eventTypes: true } });
}

async function giveToken(scopes: string[], user = "dana@northwind.example") {
  const organization = setUp.world.organization.organization.id;
  const { token } = await setUp.sandbox.control("/calendly/tokens", { organization, user, scopes });
  return token as string;
}

const READS = ["users:read", "organizations:read", "event_types:read", "scheduled_events:read"];

describe("what a Calendly token is, before anything is stored", () => {
  test("an owner's sees everyone", async () => {
    const verified = await verifyCalendlyToken(setUp.deps, setUp.world.ownerToken);
    expect(verified).toMatchObject({
      ok: true,
      account: {
        ownerName: "Dana Ruiz",
        role: "owner",
        organizationName: "Northwind Growth",
        plan: "teams",
        isFullScope: true,
        people: 2,
        missingScopes: [],
      },
    });
    expect(verified.ok && verified.account.eventTypes.map(({ name }) => name)).toEqual([
      "Demo",
      "Intro call",
    ]);
    expect(await setUp.db.connection.count({ where: { workspaceId: setUp.world.workspace.id } })).toBe(0);
  });

  test("a member's sees that member alone", async () => {
    const verified = await verifyCalendlyToken(setUp.deps, setUp.world.memberToken);
    expect(verified).toMatchObject({ ok: true, account: { role: "user", isFullScope: false, people: 1 } });
  });

  test("one without webhooks says which scope it misses, and is good all the same", async () => {
    const verified = await verifyCalendlyToken(setUp.deps, await giveToken(READS));
    expect(verified).toMatchObject({ ok: true, account: { missingScopes: ["webhooks:write"] } });
  });

  test.each<[string, () => Promise<string>, object]>([
    ["a mistyped one", async () => "no-such-token", { code: "unauthorized" }],
    ["one that cannot travel in a header", async () => "token with spaces", { code: "unauthorized" }],
    [
      "one that may not list meetings",
      () => giveToken(["users:read"]),
      { code: "scope", requiredScopes: ["scheduled_events:read"] },
    ],
  ])("%s is refused with its cause", async (_sentence, token, error) => {
    const verified = await verifyCalendlyToken(setUp.deps, await token());
    expect(verified).toMatchObject({ ok: false, error });
  });

  test("an outage is the network's fault and not the token's", async () => {
    await setUp.sandbox.control("/faults", { provider: "calendly", kind: "status", status: 503 });
    const verified = await verifyCalendlyToken(setUp.deps, setUp.world.ownerToken);
    await setUp.sandbox.control("/faults", {}, "DELETE");
    expect(verified).toMatchObject({ ok: false, error: { code: "network" } });
  });
});

describe("linking Calendly", () => {
  test("stores the token sealed and lets data appear at once", async () => {
    const row = await findRow(await connect());
    expect(row).toMatchObject({
      state: "polling",
      reasonCode: "webhook_not_created",
      ownerName: "Dana Ruiz",
      fullScope: true,
      createdById: setUp.world.actor.id,
    });
    expect(row.tokenSealed).not.toContain(setUp.world.ownerToken);
    expect(row.eventTypes).toHaveLength(2);
    expect(await setUp.waiting("sweep")).toBe(1);
    const audit = await setUp.db.auditEntry.findMany({ where: { subjectId: row.id } });
    expect(audit.map(({ verb }) => verb)).toEqual(["connection_connected"]);
  });

  test("a second account is refused, in turn and at once", async () => {
    const { world, deps } = setUp;
    const ref = { workspaceId: world.workspace.id, token: world.ownerToken };
    const both = await Promise.allSettled([
      connectCalendly(deps, world.actor, ref),
      connectCalendly(deps, world.actor, ref),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    await expect(connectCalendly(deps, world.actor, ref)).rejects.toMatchObject({
      status: 409,
      code: "already_connected",
    });
  });

  test("the same account again is followed again, and what another account told stays frozen (R1, R5)", async () => {
    const { world, deps, sandbox } = setUp;
    const workspaceId = world.workspace.id;
    const lead = await buildLead(setUp.db, { workspaceId, email: "maya@ridgeline.example" });
    const booked = await sandbox.control("/calendly/book", {
      organization: world.organization.organization.id,
      eventType: "Intro call",
      start: addMs(TEST_NOW, 2 * DAY_MS).toISOString(),
      invitee: { email: lead.email, name: "Maya Okafor" },
    });
    const other = await sandbox.control("/calendly/organizations", {
      name: "Elsewhere",
      users: [{ name: "Kim", email: "kim@elsewhere.example" }],
      eventTypes: [{ name: "Chat", duration: 30 }],
    });
    const sweepWith = async (token: string) => {
      const outcome = await connectCalendly(deps, world.actor, { workspaceId, token });
      if (!outcome.ok) throw new Error(`not connected: ${outcome.error.code}`);
      await sweepConnection(deps, { connectionId: outcome.connectionId, tier: "warm", trigger: "test" });
      setUp.clock.advance(HOUR_MS);
      return { workspaceId, connectionId: outcome.connectionId };
    };
    const state = async () =>
      (await setUp.db.lead.findUniqueOrThrow({ where: { id: lead.id } })).meetingState;

    await disconnect(deps, world.actor, await sweepWith(world.ownerToken));
    await sandbox.control("/calendly/delete", { event: booked.eventId });
    await disconnect(deps, world.actor, await sweepWith(other.users[0].token));
    expect(await state()).toBe("booked");
    // One person's token follows that person's meetings: this one was another host's.
    await disconnect(deps, world.actor, await sweepWith(world.memberToken));
    expect(await state()).toBe("booked");
    await sweepWith(world.ownerToken);
    expect(await state()).toBe("vanished");
  });

  test("its health names the sweeps of the last day that were cut off", async () => {
    const connectionId = await connect();
    const startedAt = addMs(TEST_NOW, -HOUR_MS);
    const run = { job: "sweep", trigger: "test", connectionId, state: "interrupted" as const };
    await setUp.db.jobRun.createMany({
      data: [
        { ...run, startedAt },
        { ...run, startedAt: addMs(TEST_NOW, -2 * HOUR_MS) },
        { ...run, startedAt: addMs(TEST_NOW, -25 * HOUR_MS) },
        { ...run, startedAt, state: "succeeded" },
      ],
    });
    const { interrupted } = await loadHealth(setUp.deps, {
      workspaceId: setUp.world.workspace.id,
      connectionId,
    });
    expect(interrupted).toEqual({ sweeps: 2, lastStartedAt: startedAt });
  });

  test("no answer holds the token or a key", async () => {
    const connectionId = await connect();
    await setUp.db.connection.update({
      where: { id: connectionId },
      data: { signingKeySealed: setUp.secrets.seal("the-signing-key") },
    });
    const { world, deps, db } = setUp;
    const ref = { workspaceId: world.workspace.id, connectionId };
    const answers = JSON.stringify([
      await listConnections(db, world.workspace.id),
      await loadHealth(deps, ref),
      await loadManageFacts(deps, ref),
    ]);
    const row = await findRow(connectionId);
    for (const secret of [world.ownerToken, row.tokenSealed, row.signingKeySealed, "the-signing-key"]) {
      expect(answers).not.toContain(secret);
    }
  });
});

describe("event types", () => {
  test("a choice marks what is known, and a foreign connection is not found", async () => {
    const connectionId = await connect();
    const { world, deps } = setUp;
    const [demo, intro] = (await findRow(connectionId)).eventTypes.sort((a, b) => (a.name < b.name ? -1 : 1));
    const choice = {
      workspaceId: world.workspace.id,
      connectionId,
      selected: [intro?.providerId ?? ""],
      includeNew: false,
    };
    expect(await chooseEventTypes(deps, world.actor, choice)).toEqual({ selected: 1, total: 2 });
    expect(await findRow(connectionId)).toMatchObject({ includeNewEventTypes: false });
    const rows = (await findRow(connectionId)).eventTypes;
    expect(rows.find(({ providerId }) => providerId === demo?.providerId)?.selected).toBe(false);

    const other = await buildConnection(setUp.db, { provider: "highlevel" });
    await expect(
      chooseEventTypes(deps, world.actor, { ...choice, workspaceId: other.workspaceId }),
    ).rejects.toMatchObject({ code: "not_found" });
  });

  test("one that is new counts as chosen where new ones do, with what was booked on it before (R10)", async () => {
    const connectionId = await connect();
    const { world, deps, db } = setUp;
    const types = await db.connectionEventType.findMany({
      where: { connectionId },
      orderBy: { name: "desc" },
    });
    const ref = { workspaceId: world.workspace.id, connectionId };
    const [intro, demo] = types.map(({ providerId }) => providerId);
    await chooseEventTypes(deps, world.actor, { ...ref, selected: [intro ?? ""], includeNew: true });
    // As if it had been made at Calendly since.
    await db.connectionEventType.deleteMany({ where: { connectionId, providerId: demo ?? "" } });
    await setUp.sandbox.control("/calendly/book", {
      organization: world.organization.organization.id,
      eventType: "Demo",
      start: addMs(TEST_NOW, 2 * DAY_MS).toISOString(),
      invitee: { email: "maya@ridgeline.example", name: "Maya Okafor" },
    });
    await sweepConnection(deps, { connectionId, tier: "warm", trigger: "test" });
    const marks = async () =>
      (await db.appointment.findMany({ where: { connectionId } })).map((a) => a.onConfiguredType);
    expect(await marks()).toEqual([false]);
    await checkConnection(deps, { connectionId });
    expect(await marks()).toEqual([true]);
  });

  test("none is refused, and leaves the choice as it was", async () => {
    const connectionId = await connect();
    const { world, deps } = setUp;
    const choice = {
      workspaceId: world.workspace.id,
      connectionId,
      selected: ["nobody's"],
      includeNew: true,
    };
    await expect(chooseEventTypes(deps, world.actor, choice)).rejects.toMatchObject({ status: 400 });
    expect((await findRow(connectionId)).eventTypes.every(({ selected }) => selected)).toBe(true);
  });
});

describe("a new token", () => {
  test("of the same account takes over, and a dead one does not", async () => {
    const connectionId = await connect();
    const { world, deps } = setUp;
    const ref = { workspaceId: world.workspace.id, connectionId };
    const before = await findRow(connectionId);
    expect(await rotateToken(deps, world.actor, { ...ref, token: "dead-token" })).toMatchObject({
      ok: false,
      error: { code: "unauthorized" },
    });
    expect((await findRow(connectionId)).tokenSealed).toBe(before.tokenSealed);

    setUp.clock.set(addMs(TEST_NOW, HOUR_MS));
    const token = await giveToken(["default"]);
    expect(await rotateToken(deps, world.actor, { ...ref, token })).toEqual({ ok: true });
    const after = await findRow(connectionId);
    expect(setUp.secrets.open(after.tokenSealed ?? "")).toBe(token);
    expect(after.tokenChangedAt).toEqual(addMs(TEST_NOW, HOUR_MS));
  });

  test("of another account is refused and named", async () => {
    const connectionId = await connect();
    const { world, deps, sandbox } = setUp;
    const other = await sandbox.control("/calendly/organizations", {
      name: "Elsewhere",
      users: [{ name: "Kim", email: "kim@elsewhere.example" }],
    });
    const outcome = await rotateToken(deps, world.actor, {
      workspaceId: world.workspace.id,
      connectionId,
      token: other.users[0].token,
    });
    expect(outcome).toMatchObject({ ok: false, error: { code: "other_account", accountName: "Elsewhere" } });
  });
});

test("what a token may not see is no proof, and stops no pass (R5)", async () => {
  const connectionId = await connect();
  const { world, deps, sandbox } = setUp;
  const workspaceId = world.workspace.id;
  const lead = await buildLead(setUp.db, { workspaceId, email: "maya@ridgeline.example" });
  await sandbox.control("/calendly/book", {
    organization: world.organization.organization.id,
    eventType: "Intro call",
    host: "dana@northwind.example",
    start: addMs(TEST_NOW, 2 * DAY_MS).toISOString(),
    invitee: { email: lead.email, name: "Maya Okafor" },
  });
  const sweep = () => sweepConnection(deps, { connectionId, tier: "warm", trigger: "test" });
  await sweep();
  setUp.clock.advance(HOUR_MS);
  const member = { workspaceId, connectionId, token: world.memberToken };
  expect(await rotateToken(deps, world.actor, member)).toEqual({ ok: true });
  expect(await sweep()).toMatchObject({ asked: 1, vanished: 0 });
  expect(await setUp.db.lead.findUniqueOrThrow({ where: { id: lead.id } })).toMatchObject({
    meetingState: "booked",
  });
});

describe("linking HighLevel", () => {
  const attempt = (token: string, locationId: string) =>
    connectHighLevel(setUp.deps, setUp.world.actor, {
      workspaceId: setUp.world.workspace.id,
      token,
      locationId,
    });

  test("reads location, calendars and people", async () => {
    const { location } = setUp.world;
    const outcome = await attempt(location.token, location.location.id);
    expect(outcome).toMatchObject({
      ok: true,
      account: { locationName: "Northwind Growth", timezone: "America/Chicago", people: 1 },
    });
    const [row] = await listConnections(setUp.db, setUp.world.workspace.id);
    expect(row).toMatchObject({
      provider: "highlevel",
      state: "healthy",
      eventTypes: { selected: 1, total: 1 },
    });
  });

  test("names every scope that is missing, at once", async () => {
    const { location } = setUp.world;
    const { token } = await setUp.sandbox.control("/highlevel/tokens", {
      location: location.location.id,
      scopes: ["locations.readonly", "calendars.readonly", "users.readonly"],
    });
    expect(await attempt(token, location.location.id)).toMatchObject({
      ok: false,
      error: { code: "scope", requiredScopes: ["contacts.readonly", "calendars/events.readonly"] },
    });
  });

  test.each<[string, () => [string, string], string]>([
    ["a dead token", () => ["pit-dead-token", setUp.world.location.location.id], "unauthorized"],
    ["another location", () => [setUp.world.location.token, "AnotherLocation000001"], "location"],
    [
      "something that is no location id",
      () => [setUp.world.location.token, "https://x.example/1"],
      "location",
    ],
  ])("%s", async (_sentence, pair, code) => {
    const [token, locationId] = pair();
    expect(await attempt(token, locationId)).toMatchObject({ ok: false, error: { code } });
    expect(await listConnections(setUp.db, setUp.world.workspace.id)).toEqual([]);
  });
});
