import { beforeEach, describe, expect, it } from "vitest";
import { SettableClock } from "#server/lib/clock.ts";
import { addMs, MINUTE_MS } from "#server/lib/duration.ts";
import { setUpSandbox } from "#server/providers/testing/set-up-sandbox.ts";
import {
  buildConnection,
  buildLead,
  buildMembership,
  buildUser,
  buildWorkspace,
  TEST_NOW,
} from "#server/testing/factories.ts";
import { setUpTestServer, TEST_ADMIN_KEY } from "#server/testing/start-test-server.ts";

const clock = new SettableClock(TEST_NOW);
const sandbox = setUpSandbox();
const server = setUpTestServer(() => ({
  clock,
  sandboxUrl: sandbox.url,
  config: { reconcileLookbackDays: 45, reconcileLookaheadDays: 60 },
}));

async function post(body: unknown, { key = TEST_ADMIN_KEY, query = "" } = {}) {
  const response = await fetch(`${server.url}/api/admin/workspaces${query}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  });
  // biome-ignore lint/suspicious/noExplicitAny: tests read a few fields of many different answers
  return { status: response.status, body: (await response.json()) as any };
}

let calendlyToken: string;
let highlevel: { ghlLocationId: string; ghlPrivateKey: string };

beforeEach(async () => {
  await sandbox.control("/reset", { world: "empty" });
  await sandbox.control("/clock", { now: TEST_NOW.toISOString() });
  await server.db.workspace.deleteMany();
  await server.db.user.deleteMany();
  await buildUser(server.db, { email: "willa@northwind.example" });
  await buildUser(server.db, { email: "sam@northwind.example" });
  await buildUser(server.db, { email: "ida@northwind.example" });
  calendlyToken = await makeOrganization("Northwind");
  const location = await sandbox.control("/highlevel/locations", {
    name: "Northwind",
    timezone: "America/Chicago",
    users: [{ name: "Dana Ruiz", email: "dana@northwind.example" }],
    calendars: [{ name: "Discovery" }],
  });
  highlevel = { ghlLocationId: location.location.id, ghlPrivateKey: location.token };
});

async function makeOrganization(name: string): Promise<string> {
  const made = await sandbox.control("/calendly/organizations", {
    name,
    users: [{ name: "Dana Ruiz", email: `dana@${name.toLowerCase()}.example` }],
    eventTypes: [{ name: "Intro call", duration: 30 }],
  });
  return made.users[0].token;
}

const northwind = { externalId: "cust-1", name: "Northwind Growth", userEmail: "Willa@northwind.example" };

async function countAll() {
  const [workspaces, users, memberships, connections, audits] = await Promise.all([
    server.db.workspace.count(),
    server.db.user.count(),
    server.db.membership.count(),
    server.db.connection.count(),
    server.db.auditEntry.count(),
  ]);
  return { workspaces, users, memberships, connections, audits };
}

describe("POST /api/admin/workspaces (R41)", () => {
  it("opens to the key in the header and to nothing else", async () => {
    expect((await post(northwind, { key: "wrong" })).status).toBe(401);
    expect((await post(northwind, { key: "", query: `?key=${TEST_ADMIN_KEY}` })).status).toBe(401);
    expect(await server.db.workspace.count()).toBe(0);
  });

  it("creates a workspace with its people and the follow-ups it begins with", async () => {
    const { status, body } = await post({
      ...northwind,
      setterEmails: " Sam@northwind.example;sam@northwind.example ",
      inboxManagerEmail: "ida@northwind.example",
      settings: { timezone: "Europe/Berlin", freshnessDays: 7 },
    });
    expect(status).toBe(201);
    expect(body).toEqual({
      workspaceId: expect.any(String),
      existed: false,
      updated: false,
      dryRun: false,
      connections: [],
      members: [
        { email: "willa@northwind.example", role: "owner", invited: false },
        { email: "ida@northwind.example", role: "inbox_manager", invited: false },
        { email: "sam@northwind.example", role: "setter", invited: false },
      ],
    });
    expect(
      await server.db.workspace.findUniqueOrThrow({
        where: { id: body.workspaceId },
        include: { sequences: { orderBy: { trigger: "asc" } } },
      }),
    ).toMatchObject({
      slug: "northwind-growth",
      timezone: "Europe/Berlin",
      freshnessDays: 7,
      sequences: [
        { trigger: "no_response", active: true },
        { trigger: "meeting_booked", active: true },
        { trigger: "meeting_canceled", active: false },
      ],
    });
  });

  it("connects both providers, with a webhook, and never shows a token again", async () => {
    const { status, body } = await post({ ...northwind, calendlyAccessToken: calendlyToken, ...highlevel });
    expect(status).toBe(201);
    expect(body.connections).toMatchObject([
      { provider: "calendly", state: "healthy", reason: null },
      { provider: "highlevel", state: "healthy", reason: null },
    ]);
    expect(JSON.stringify(body)).not.toContain(calendlyToken);
    const rows = await server.db.connection.findMany({ where: { workspaceId: body.workspaceId } });
    expect(JSON.stringify(rows)).not.toContain(calendlyToken);
    const { webhooks } = await sandbox.control("/calendly/webhooks", {}, "GET");
    // R34: all four, or a mark that somebody did not come is learned of a day late.
    expect(webhooks).toMatchObject([
      {
        isSigned: true,
        scope: "organization",
        events: ["invitee.created", "invitee.canceled", "invitee_no_show.created", "invitee_no_show.deleted"],
      },
    ]);
  });

  it.each<[string, () => object, number, string]>([
    [
      "a token that Calendly does not know",
      () => ({ calendlyAccessToken: "not-a-token-at-all" }),
      400,
      "connection_refused",
    ],
    [
      "a location of somebody else's",
      () => ({ ...highlevel, ghlLocationId: "elsewhere" }),
      400,
      "connection_refused",
    ],
    ["a key without its location", () => ({ ghlPrivateKey: "pit-1234567890" }), 400, "location_required"],
    ["a location without its key", () => ({ ghlLocationId: "abc" }), 400, "key_required"],
    ["people nobody knows", () => ({ setterEmails: ["new@northwind.example"] }), 404, "unknown_users"],
    ["an address that is none", () => ({ setterEmails: "sam" }), 400, "bad_request"],
    ["a setting that does not exist", () => ({ settings: { colour: "red" } }), 400, "bad_request"],
    ["a setting of the wrong kind", () => ({ settings: { freshnessDays: "many" } }), 400, "bad_request"],
    ["a field that does not exist", () => ({ calendlyToken: "x" }), 400, "bad_request"],
    ["no owner", () => ({ userEmail: undefined }), 400, "bad_request"],
    ["no name", () => ({ name: undefined }), 400, "bad_request"],
  ])("refuses %s and writes nothing", async (_, change, status, code) => {
    const before = await countAll();
    expect(await post({ ...northwind, ...change() })).toMatchObject({ status, body: { error: { code } } });
    expect(await countAll()).toEqual(before);
  });

  it("names everybody it does not know, and invites them when told to", async () => {
    const people = {
      userEmail: "new@northwind.example",
      setterEmails: ["sam@northwind.example", "two@northwind.example"],
    };
    const refused = await post({ ...northwind, ...people });
    expect(refused.body.error.details).toEqual({
      emails: ["two@northwind.example", "new@northwind.example"],
    });
    const { status, body } = await post({ ...northwind, ...people, invite: true });
    expect(status).toBe(201);
    expect(body.members.filter((m: { invited: boolean }) => m.invited)).toHaveLength(2);
    expect(await server.db.user.count({ where: { email: "new@northwind.example" } })).toBe(1);
  });

  it("says that the provider is away, and writes nothing", async () => {
    await sandbox.control("/faults", { provider: "calendly", kind: "status", status: 503 });
    const before = await countAll();
    const answer = await post({ ...northwind, calendlyAccessToken: calendlyToken });
    await sandbox.control("/faults", {}, "DELETE");
    expect(answer).toMatchObject({ status: 503, body: { error: { code: "provider_unavailable" } } });
    expect(await countAll()).toEqual(before);
  });

  it("answers 409 to a workspace that exists, and updates it with upsert", async () => {
    const { body: made } = await post(northwind);
    const again = await post(northwind);
    expect(again).toMatchObject({
      status: 409,
      body: { error: { code: "workspace_exists", details: { workspaceId: made.workspaceId } } },
    });
    const same = await post({ ...northwind, upsert: true });
    expect(same).toMatchObject({
      status: 200,
      body: { workspaceId: made.workspaceId, existed: true, updated: false },
    });
    const renamed = await post({
      externalId: "cust-1",
      name: "Northwind",
      settings: { attemptLimit: 3 },
      upsert: true,
    });
    expect(renamed).toMatchObject({ status: 200, body: { existed: true, updated: true } });
    expect(await server.db.workspace.findFirstOrThrow()).toMatchObject({
      name: "Northwind",
      slug: "northwind-growth",
      attemptLimit: 3,
      freshnessDays: 14,
    });
  });

  it("finds a workspace by its location, and refuses a location of another one", async () => {
    const { body: made } = await post({ name: "Northwind", userEmail: northwind.userEmail, ...highlevel });
    const { ghlLocationId } = highlevel;
    const found = await post({ ghlLocationId, externalId: "cust-1", upsert: true });
    expect(found).toMatchObject({ status: 200, body: { workspaceId: made.workspaceId, updated: true } });
    expect(await post({ ...northwind, externalId: "cust-2", ...highlevel, upsert: true })).toMatchObject({
      status: 409,
      body: { error: { code: "location_taken" } },
    });
    const other = { externalId: "cust-3", name: "Lumen", userEmail: northwind.userEmail };
    expect((await post(other)).status).toBe(201);
    expect(await post({ externalId: "cust-3", ...highlevel, upsert: true })).toMatchObject({
      status: 409,
      body: { error: { code: "location_taken" } },
    });
  });

  it("refuses a location that owners have connected to several workspaces, unless one is named", async () => {
    await post({ ...northwind, ...highlevel });
    const other = await buildWorkspace(server.db, { externalId: "cust-9" });
    const { ghlLocationId } = highlevel;
    await buildConnection(server.db, {
      workspaceId: other.id,
      provider: "highlevel",
      locationId: ghlLocationId,
    });
    expect(await post({ ghlLocationId, name: "Who?", upsert: true })).toMatchObject({
      status: 409,
      body: { error: { code: "ambiguous_location" } },
    });
    expect(await post({ ghlLocationId, externalId: "cust-9", upsert: true })).toMatchObject({
      status: 200,
      body: { workspaceId: other.id },
    });
  });

  describe("with several requests at once", () => {
    const statuses = (answers: { status: number }[]) => answers.map(({ status }) => status).sort();

    it("creates one workspace for a HighLevel location and says so to the others", async () => {
      const request = { name: "Northwind", userEmail: northwind.userEmail, ...highlevel };
      const answers = await Promise.all([1, 2, 3].map(() => post(request)));
      expect(statuses(answers)).toEqual([201, 409, 409]);
      const workspaceId = answers.find(({ status }) => status === 201)?.body.workspaceId;
      for (const { body } of answers.filter(({ status }) => status === 409)) {
        expect(body.error).toMatchObject({ code: "workspace_exists", details: { workspaceId } });
      }
      expect(await server.db.workspace.count()).toBe(1);
      expect(await server.db.connection.count({ where: { state: { not: "off" } } })).toBe(1);
    });

    it("updates with upsert what the first one has made", async () => {
      const request = { ...northwind, ...highlevel, calendlyAccessToken: calendlyToken, upsert: true };
      const answers = await Promise.all([1, 2, 3].map(() => post(request)));
      expect(statuses(answers)).toEqual([200, 200, 201]);
      expect(new Set(answers.map(({ body }) => body.workspaceId)).size).toBe(1);
      for (const { body } of answers) {
        expect(body.connections).toMatchObject([
          { provider: "calendly", state: "healthy" },
          { provider: "highlevel", state: "healthy" },
        ]);
      }
      expect(await server.db.connection.count()).toBe(2);
      expect(await server.db.idempotencyKey.count({ where: { scope: "provisioning" } })).toBe(0);
    });

    it("lets different customers of one name, who invite one person, stand side by side", async () => {
      const answers = await Promise.all(
        ["cust-1", "cust-2", "cust-3"].map((externalId) =>
          post({ ...northwind, externalId, setterEmails: ["new@northwind.example"], invite: true }),
        ),
      );
      expect(statuses(answers)).toEqual([201, 201, 201]);
      const slugs = await server.db.workspace.findMany({ orderBy: { slug: "asc" }, select: { slug: true } });
      expect(slugs.map(({ slug }) => slug)).toEqual([
        "northwind-growth",
        "northwind-growth-2",
        "northwind-growth-3",
      ]);
      expect(await server.db.user.count({ where: { email: "new@northwind.example" } })).toBe(1);
    });

    it("goes on where a process died in the middle of a request", async () => {
      const left = { scope: "provisioning", key: "customer cust-1", requestHash: "dead" };
      await server.db.idempotencyKey.create({
        data: { ...left, createdAt: addMs(TEST_NOW, -3 * MINUTE_MS) },
      });
      expect((await post(northwind)).status).toBe(201);
    });
  });

  it("replaces a list that is there, leaves one that is not, and clears on null", async () => {
    const lists = { setterEmails: ["sam@northwind.example"], inboxManagerEmails: ["ida@northwind.example"] };
    const { body: made } = await post({ ...northwind, ...lists });
    const sam = await server.db.user.findFirstOrThrow({ where: { email: "sam@northwind.example" } });
    const lead = await buildLead(server.db, { workspaceId: made.workspaceId, assignedToId: sam.id });
    const { body } = await post({ externalId: "cust-1", setterEmails: null, upsert: true });
    expect(body).toMatchObject({
      updated: true,
      members: [{ role: "owner" }, { email: "ida@northwind.example" }],
    });
    expect((await server.db.lead.findUniqueOrThrow({ where: { id: lead.id } })).assignedToId).toBeNull();
    const foreign = await buildMembership(server.db);
    expect(await server.db.membership.count({ where: { workspaceId: foreign.workspaceId } })).toBe(1);
  });

  it("takes the same token for no news, another account's for a mistake, and null for an end", async () => {
    const account = { calendlyAccessToken: calendlyToken };
    await post({ ...northwind, ...account });
    const same = await post({ externalId: "cust-1", ...account, upsert: true });
    expect(same.body).toMatchObject({ updated: false });
    const other = await post({
      externalId: "cust-1",
      calendlyAccessToken: await makeOrganization("Harbor"),
      upsert: true,
    });
    expect(other).toMatchObject({ status: 409, body: { error: { code: "other_account" } } });
    const ended = await post({ externalId: "cust-1", calendlyAccessToken: null, upsert: true });
    expect(ended.body).toMatchObject({
      updated: true,
      connections: [{ provider: "calendly", state: "off", reason: "disconnected" }],
    });
    const { webhooks } = await sandbox.control("/calendly/webhooks", {}, "GET");
    expect(webhooks).toEqual([]);
  });

  it("writes nothing in a dry run, and says what it found out", async () => {
    const before = await countAll();
    const { status, body } = await post({ ...northwind, calendlyAccessToken: calendlyToken, dryRun: true });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      workspaceId: null,
      existed: false,
      dryRun: true,
      connections: [{ provider: "calendly", state: "verified" }],
      members: [{ email: "willa@northwind.example", role: "owner" }],
    });
    expect(await countAll()).toEqual(before);
  });
});

describe("the window of a workspace (R9)", () => {
  const windowOf = async (id: string) => {
    const { lookbackDays, lookaheadDays } = await server.db.workspace.findUniqueOrThrow({ where: { id } });
    return { lookbackDays, lookaheadDays };
  };

  it("is the installation's unless the workspace says otherwise, and stays what it was", async () => {
    const { body } = await post(northwind);
    expect(await windowOf(body.workspaceId)).toEqual({ lookbackDays: 45, lookaheadDays: 60 });
    const { body: other } = await post({
      externalId: "cust-2",
      name: "Harbor Labs",
      userEmail: "willa@northwind.example",
      settings: { lookbackDays: 120 },
    });
    expect(await windowOf(other.workspaceId)).toEqual({ lookbackDays: 120, lookaheadDays: 60 });
    await server.db.workspace.update({ where: { id: body.workspaceId }, data: { lookbackDays: 30 } });
    await post({ ...northwind, upsert: true });
    expect(await windowOf(body.workspaceId)).toEqual({ lookbackDays: 30, lookaheadDays: 60 });
  });
});
