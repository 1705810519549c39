import { beforeEach, describe, expect, it } from "vitest";
import { SYSTEM } from "#server/audit/actor.ts";
import { createApiKey, revokeApiKey } from "#server/auth/api-keys.ts";
import { loadTimeline } from "#server/leads/load-timeline.ts";
import { SettableClock } from "#server/lib/clock.ts";
import { addMs, MINUTE_MS } from "#server/lib/duration.ts";
import {
  buildAppointment,
  buildConnection,
  buildInstance,
  buildLead,
  buildSequence,
  buildTask,
  buildWorkspace,
  TEST_NOW,
} from "#server/testing/factories.ts";
import { setUpTestServer, TEST_ADMIN_KEY } from "#server/testing/start-test-server.ts";

const clock = new SettableClock(TEST_NOW);
const server = setUpTestServer(() => ({ clock }));
let workspaceId: string;
let slug: string;
let key: string;

beforeEach(async () => {
  clock.set(TEST_NOW);
  ({ id: workspaceId, slug } = await buildWorkspace(server.db));
  ({ key } = await createApiKey(server.deps, SYSTEM, { workspaceId, name: "CRM" }));
});

type Init = { method?: string; body?: unknown; key?: string | null; headers?: Record<string, string> };

async function call(path: string, { method = "GET", body, key: given = key, headers = {} }: Init = {}) {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: {
      "content-type": "application/json",
      ...(given === null ? {} : { authorization: `Bearer ${given}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: tests read a few fields of many different answers
  return { status: response.status, headers: response.headers, body: (await response.json()) as any };
}

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  call(path, { method: "POST", body, headers });

describe("who may call", () => {
  const admin = (headers: Record<string, string>) => call("/leads", { key: TEST_ADMIN_KEY, headers });

  it("answers 401 without a key, with a wrong one, and with one in the address", async () => {
    for (const answer of [
      await call("/leads", { key: null }),
      await call("/leads", { key: "bp_wrong" }),
      await call("/leads", { key: "" }),
      await call(`/leads?key=${key}`, { key: null }),
    ]) {
      expect(answer.status).toBe(401);
      expect(answer.body.error.code).toBe("unauthorized");
    }
  });

  it("ends a key at once when it is revoked", async () => {
    const other = await createApiKey(server.deps, SYSTEM, { workspaceId, name: "Old" });
    expect((await call("/leads", { key: other.key })).status).toBe(200);
    await revokeApiKey(server.deps, SYSTEM, { workspaceId, apiKeyId: other.id });
    expect((await call("/leads", { key: other.key })).status).toBe(401);
  });

  it("keeps nothing of a key but its hash and its beginning", async () => {
    const row = await server.db.apiKey.findFirstOrThrow({ where: { workspaceId } });
    expect(JSON.stringify(row)).not.toContain(key);
    expect(row.prefix).toBe(key.slice(0, 9));
  });

  it("remembers the use of a key, by the minute", async () => {
    const lastUse = async () =>
      (await server.db.apiKey.findFirstOrThrow({ where: { workspaceId } })).lastUsedAt;
    await call("/leads");
    expect(await lastUse()).toEqual(TEST_NOW);
    clock.advance(30_000);
    await call("/leads");
    expect(await lastUse()).toEqual(TEST_NOW);
    clock.advance(MINUTE_MS);
    await call("/leads");
    expect(await lastUse()).toEqual(addMs(TEST_NOW, 90_000));
  });

  it("lets the instance's key name a workspace by id or slug", async () => {
    expect((await admin({ "x-workspace-id": workspaceId })).status).toBe(200);
    expect((await admin({ "x-workspace-id": slug })).status).toBe(200);
    expect((await admin({})).body.error.code).toBe("workspace_required");
    expect((await admin({ "x-workspace-id": "nobody" })).status).toBe(404);
  });

  it("never lets a workspace's key name another workspace", async () => {
    const other = await buildWorkspace(server.db);
    expect((await call("/leads", { headers: { "x-workspace-id": other.id } })).status).toBe(404);
    expect((await call("/leads", { headers: { "x-workspace-id": workspaceId } })).status).toBe(200);
  });

  it("answers not found for every id of another workspace", async () => {
    const foreign = await buildLead(server.db);
    expect((await call(`/leads/${foreign.id}`)).status).toBe(404);
    expect((await post(`/leads/${foreign.id}/check`, {})).status).toBe(404);
    await buildAppointment(server.db, { leadId: foreign.id });
    await buildTask(server.db, { leadId: foreign.id });
    for (const path of ["/leads", "/appointments", "/tasks", "/mismatches", "/connections"]) {
      expect((await call(path)).body).toMatchObject({ rows: [], next: null });
    }
    expect((await call(`/appointments?leadId=${foreign.id}`)).body.rows).toEqual([]);
    expect((await call(`/tasks?leadId=${foreign.id}`)).body.rows).toEqual([]);
    expect((await call(`/leads?email=${foreign.email}`)).body.rows).toEqual([]);
  });
});

describe("bad input", () => {
  it("refuses a body over 5 MB with 413", async () => {
    const answer = await post("/leads", JSON.stringify({ leads: [{ email: "x".repeat(5_300_000) }] }));
    expect(answer).toMatchObject({ status: 413, body: { error: { code: "payload_too_large" } } });
  });

  it.each<[string, unknown, number, string]>([
    ["text that is not JSON", "{leads:", 400, "bad_json"],
    ["a body without leads", {}, 400, "bad_request"],
    ["leads that are no list", { leads: "maya" }, 400, "bad_request"],
    ["a field beside leads", { leads: [], dryRun: true }, 400, "bad_request"],
    ["more leads than one request may have", { leads: Array(5_001).fill({}) }, 413, "too_many_leads"],
  ])("refuses %s", async (_, body, status, code) => {
    expect(await post("/leads", body)).toMatchObject({ status, body: { error: { code } } });
  });

  it.each([
    ["/leads?sort=name&colour=red", "unknown_parameter"],
    ["/leads?status=won", "bad_parameter"],
    ["/leads?limit=501", "bad_parameter"],
    ["/leads?updatedSince=yesterday", "bad_parameter"],
    ["/leads?cursor=abc", "bad_cursor"],
    ["/appointments?unmatched=perhaps", "bad_parameter"],
    ["/tasks?red=blue", "bad_parameter"],
    ["/mismatches?kind=7", "bad_parameter"],
    ["/connections?provider=calendly", "unknown_parameter"],
  ])("refuses %s", async (path, code) => {
    expect(await call(path)).toMatchObject({ status: 400, body: { error: { code } } });
  });

  it("names the parameters that do not exist", async () => {
    const { body } = await call("/leads?sort=name&colour=red");
    expect(body.error.message).toBe("Unknown query parameters: sort, colour.");
  });

  it("answers not found for an id that is none", async () => {
    expect((await call("/leads/42")).status).toBe(404);
    expect((await call("/nothing")).body.error.code).toBe("not_found");
  });
});

describe("Idempotency-Key", () => {
  const leads = [{ externalId: "c-1", email: "maya@ridgeline.example" }];
  const once = { "idempotency-key": "import-7" };

  it("gives the first answer again for the same body", async () => {
    const first = await post("/leads", { leads }, once);
    const second = await post("/leads", { leads }, once);
    expect(first.body).toEqual({ created: 1, updated: 0, unchanged: 0, errors: [] });
    expect(second).toMatchObject({ status: 200, body: first.body });
    expect(second.headers.get("idempotency-replayed")).toBe("true");
    expect((await post("/leads", { leads })).body.unchanged).toBe(1);
  });

  it("refuses another body, and another path", async () => {
    await post("/leads", { leads }, once);
    const conflict = { status: 409, body: { error: { code: "idempotency_conflict" } } };
    expect(await post("/leads", { leads: [] }, once)).toMatchObject(conflict);
    const { id } = await server.db.lead.findFirstOrThrow({ where: { workspaceId } });
    expect(await post(`/leads/${id}/check`, { leads }, once)).toMatchObject(conflict);
  });

  it("lets one of two calls at once do the work", async () => {
    const answers = await Promise.all([post("/leads", { leads }, once), post("/leads", { leads }, once)]);
    const created = answers.filter(({ body }) => body.created === 1);
    expect(created.length).toBeGreaterThanOrEqual(1);
    for (const { status, body } of answers) {
      if (status !== 200) expect(body.error.code).toBe("idempotency_in_progress");
    }
    expect(await server.db.lead.count({ where: { workspaceId } })).toBe(1);
  });

  it("forgets a key whose request failed", async () => {
    expect((await post("/leads", { leads: 1 }, once)).status).toBe(400);
    expect((await post("/leads", { leads }, once)).status).toBe(200);
  });

  it("takes over from a call that never answered, and does not before", async () => {
    await post("/leads", { leads }, once);
    await server.db.idempotencyKey.updateMany({ data: { status: null } });
    expect((await post("/leads", { leads }, once)).body.error.code).toBe("idempotency_in_progress");
    clock.advance(11 * MINUTE_MS);
    expect((await post("/leads", { leads }, once)).body).toMatchObject({ unchanged: 1 });
  });

  it("is each workspace's own", async () => {
    await post("/leads", { leads }, once);
    const other = await buildWorkspace(server.db);
    const answer = await call("/leads", {
      method: "POST",
      body: { leads },
      key: TEST_ADMIN_KEY,
      headers: { ...once, "x-workspace-id": other.id },
    });
    expect(answer.body).toMatchObject({ created: 1 });
  });
});

describe("leads", () => {
  it("tells what is said, what the providers say and how well that is known", async () => {
    await buildAppointment(server.db, { workspaceId, leadId: null, attendeeEmail: "maya@ridgeline.example" });
    await post("/leads", {
      leads: [{ externalId: "c-1", email: "maya@ridgeline.example", sentiment: "meeting_booked" }],
    });
    const { body } = await call("/leads?externalId=c-1");
    expect(body).toEqual({
      rows: [
        {
          id: expect.any(String),
          externalId: "c-1",
          email: "maya@ridgeline.example",
          status: "meeting_booked",
          sentiment: "meeting_booked",
          sentimentAt: TEST_NOW.toISOString(),
          booked: true,
          meeting: {
            state: "booked",
            appointmentId: expect.any(String),
            provider: "calendly",
            status: "confirmed",
            startAt: "2026-03-12T15:00:00.000Z",
            endAt: "2026-03-12T15:30:00.000Z",
            canceledAt: null,
            bookedAt: "2026-03-07T15:00:00.000Z",
            source: "reconcile",
            asOf: "2026-03-10T14:00:00.000Z",
          },
          mismatch: null,
          claimChecked: false,
          lastCheckedAt: null,
        },
      ],
      next: null,
      asOf: TEST_NOW.toISOString(),
    });
  });

  it("says when the evidence was last checked: its own lookup, or the coverage if that is later", async () => {
    const lead = await buildLead(server.db, { workspaceId, lookedUpAt: addMs(TEST_NOW, -60 * MINUTE_MS) });
    expect((await call(`/leads/${lead.id}`)).body.lastCheckedAt).toBe("2026-03-10T14:00:00.000Z");
    const { id: connectionId } = await buildConnection(server.db, { workspaceId });
    await server.db.$executeRaw`
      INSERT INTO "Coverage" ("connectionId", day, "verifiedAt", "fullScope")
      SELECT ${connectionId}::uuid, d::date, ${addMs(TEST_NOW, -5 * MINUTE_MS)}::timestamptz, true
      FROM generate_series(${TEST_NOW}::date - 91, ${TEST_NOW}::date + 91, interval '1 day') AS d`;
    expect((await call(`/leads/${lead.id}`)).body.lastCheckedAt).toBe("2026-03-10T14:55:00.000Z");
  });

  it("shows a mismatch until a person keeps it", async () => {
    const lead = await buildLead(server.db, {
      workspaceId,
      meetingState: "held",
      causeKind: 2,
      mismatchCause: "set_by_hand",
    });
    expect((await call(`/leads/${lead.id}`)).body.mismatch).toEqual({ kind: 2, cause: "set_by_hand" });
    expect((await call("/mismatches")).body.rows).toMatchObject([
      { leadId: lead.id, kind: 2, suggested: "keep" },
    ]);
    await server.db.lead.update({ where: { id: lead.id }, data: { decision: "keep" } });
    expect((await call(`/leads/${lead.id}`)).body.mismatch).toBeNull();
    expect((await call("/mismatches")).body.rows).toEqual([]);
  });

  it.each([
    ["email=MAYA@ridgeline.example", ["a"]],
    ["email=m@home.example", ["a"]],
    ["status=qualified", ["b"]],
    ["meetingState=canceled", ["b"]],
    ["updatedSince=2026-03-10T14:59:59Z", ["a"]],
    ["status=qualified&meetingState=held", []],
  ])("filters by %s", async (query, expected) => {
    const lead = await buildLead(server.db, {
      workspaceId,
      externalId: "a",
      email: "maya@ridgeline.example",
      updatedAt: TEST_NOW,
    });
    await server.db.leadAlias.create({
      data: {
        workspaceId,
        leadId: lead.id,
        emailKey: "m@home.example",
        source: "operator",
        createdAt: TEST_NOW,
      },
    });
    await buildLead(server.db, {
      workspaceId,
      externalId: "b",
      status: "qualified",
      meetingState: "canceled",
    });
    const { body } = await call(`/leads?${query}`);
    expect(body.rows.map((row: { externalId: string }) => row.externalId)).toEqual(expected);
  });

  it("gives every lead once, page by page", async () => {
    for (let i = 0; i < 7; i++) await buildLead(server.db, { workspaceId });
    const seen: string[] = [];
    let next: string | null = "";
    while (next !== null) {
      const { body } = await call(`/leads?limit=3${next && `&cursor=${next}`}`);
      seen.push(...body.rows.map((row: { id: string }) => row.id));
      next = body.next;
    }
    expect(seen).toHaveLength(7);
    expect(new Set(seen).size).toBe(7);
  });

  it("gives one lead with its evidence, history, work, sequences and aliases", async () => {
    await buildAppointment(server.db, {
      workspaceId,
      leadId: null,
      attendeeEmail: "maya@ridgeline.example",
      status: "canceled",
      canceledAt: addMs(TEST_NOW, -60 * MINUTE_MS),
    });
    await post("/leads", {
      leads: [{ email: "maya@ridgeline.example", status: "meeting_booked", aliases: ["m@home.example"] }],
    });
    const lead = await server.db.lead.findFirstOrThrow({ where: { workspaceId } });
    const sequence = await buildSequence(server.db, { workspaceId, name: "Nudge" });
    await buildInstance(server.db, { leadId: lead.id, sequenceId: sequence.id });
    const { body } = await call(`/leads/${lead.id}`);
    expect(body).toMatchObject({
      id: lead.id,
      booked: false,
      status: "qualified",
      meeting: { state: "canceled" },
      appointments: [{ leadId: lead.id, status: "canceled", noShow: false }],
      tasks: [
        { type: "meeting_canceled", red: "lost", status: "pending", appointmentIds: [expect.any(String)] },
      ],
      instances: [{ sequence: "Nudge", status: "active" }],
      aliases: [{ email: "m@home.example", source: "import" }],
    });
    expect(body.history.map((entry: { kind: string }) => entry.kind)).toEqual(["linked", "meeting_lost"]);
  });

  it("tells of one instant what was done, what became evidence by it, and what followed, in this order", async () => {
    const booking = await buildAppointment(server.db, { workspaceId, leadId: null });
    const lead = await buildLead(server.db, { workspaceId, status: "qualified" });
    await post(`/appointments/${booking.id}/link`, { leadId: lead.id });
    const { body } = await call(`/leads/${lead.id}`);
    expect(new Set(body.history.map((entry: { at: string }) => entry.at)).size).toBe(1);
    expect(body.history.map((entry: { kind: string }) => entry.kind)).toEqual([
      "booking_linked",
      "linked",
      "lead_booked",
    ]);
    const scope = { workspaceId, leadId: lead.id };
    const timeline = await loadTimeline(server.db, scope, { limit: 9, acts: "all" });
    const newestFirst = timeline.filter(({ basis, at }) => basis !== "claim" && at >= TEST_NOW);
    expect(newestFirst.map(({ kind }) => kind)).toEqual(["lead_booked", "linked", "booking_linked"]);
  });

  it("looks a lead up, and says that nobody was asked where nothing is connected", async () => {
    const lead = await buildLead(server.db, { workspaceId });
    expect((await post(`/leads/${lead.id}/check`, {})).body).toMatchObject({ id: lead.id, calls: 0 });
  });

  it("says which provider did not answer", async () => {
    const lead = await buildLead(server.db, { workspaceId });
    await buildConnection(server.db, { workspaceId, tokenSealed: server.deps.secrets.seal("token-of-test") });
    const answer = await post(`/leads/${lead.id}/check`, {});
    expect(answer).toMatchObject({ status: 503, body: { error: { code: "provider_unavailable" } } });
  });
});

describe("appointments, tasks and connections", () => {
  it("lists what is unmatched, what is a lead's, and what has a provider's id", async () => {
    const lead = await buildLead(server.db, { workspaceId });
    await buildAppointment(server.db, { leadId: lead.id, providerId: "INV1" });
    await buildAppointment(server.db, { workspaceId, leadId: null, providerId: "INV2" });
    await buildAppointment(server.db, {
      workspaceId,
      leadId: null,
      providerId: "INV3",
      onConfiguredType: false,
    });
    const ids = async (query: string) =>
      (await call(`/appointments?${query}`)).body.rows.map((row: { providerId: string }) => row.providerId);
    expect(await ids("unmatched=true")).toEqual(["INV2"]);
    expect(await ids("unmatched=false")).toEqual(["INV1"]);
    expect(await ids(`leadId=${lead.id}`)).toEqual(["INV1"]);
    expect(await ids("providerId=https://api.calendly.com/scheduled_events/E/invitees/INV3")).toEqual([
      "INV3",
    ]);
    const first = await call("/appointments?limit=2");
    expect((await call(`/appointments?limit=2&cursor=${first.body.next}`)).body.rows).toHaveLength(1);
  });

  it("lists tasks by colour, and an owner only while the claim holds", async () => {
    const owner = await server.db.user.create({
      data: { id: `u-${slug}`, name: "Sam", email: `${slug}@x.example` },
    });
    const claim = { ownerId: owner.id, leaseUntil: addMs(TEST_NOW, MINUTE_MS) };
    const lost = await buildTask(server.db, { workspaceId, ...claim });
    const moved = await buildTask(server.db, { workspaceId, type: "meeting_rescheduled" });
    const email = await buildTask(server.db, { workspaceId, type: "email" });
    const ids = async (query: string) =>
      (await call(`/tasks?${query}`)).body.rows.map((row: { id: string }) => row.id);
    expect(await ids("red=lost")).toEqual([lost.id]);
    expect(await ids("red=moved")).toEqual([moved.id]);
    expect(await ids("red=true")).toHaveLength(2);
    expect(await ids("red=false")).toEqual([email.id]);
    expect((await call("/tasks?red=lost")).body.rows[0].ownerEmail).toBe(owner.email);
    clock.advance(2 * MINUTE_MS);
    expect((await call("/tasks?red=lost")).body.rows[0].ownerEmail).toBeNull();
  });

  it("shows connections with their coverage and without a secret", async () => {
    const { id: connectionId } = await buildConnection(server.db, {
      workspaceId,
      tokenSealed: "sealed-token",
      signingKeySealed: "sealed-key",
      webhookId: "hook-1",
      webhookState: "active",
    });
    const verified = (day: string, verifiedAt: Date) =>
      server.db.coverage.create({ data: { connectionId, day: new Date(day), verifiedAt, fullScope: true } });
    await verified("2026-03-01", TEST_NOW);
    await verified("2026-03-02", TEST_NOW);
    await verified("2026-03-03", addMs(TEST_NOW, -MINUTE_MS));
    const { body } = await call("/connections");
    expect(JSON.stringify(body)).not.toContain("sealed");
    expect(body.rows).toMatchObject([
      {
        provider: "calendly",
        state: "healthy",
        subscription: { state: "active", retryStartedAt: null },
        coverage: [
          { from: "2026-03-01T00:00:00.000Z", to: "2026-03-03T00:00:00.000Z" },
          { from: "2026-03-03T00:00:00.000Z", to: "2026-03-04T00:00:00.000Z" },
        ],
        tiers: [
          { tier: "hot", everyMin: 1, promisedMin: 1, completeAt: null },
          { tier: "warm", everyMin: 15, promisedMin: 15, completeAt: null },
          { tier: "cold", everyMin: 10_080, promisedMin: 10_080, completeAt: null },
        ],
      },
    ]);
  });
});
