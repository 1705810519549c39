import { describe, expect, it } from "vitest";
import { z } from "zod";
import { addMs, HOUR_MS } from "#server/lib/duration.ts";
import {
  buildAppointment,
  buildConnection,
  buildLead,
  buildTask,
  buildUser,
  TEST_NOW,
} from "#server/testing/factories.ts";
import { setUpApi } from "../testing/set-up-api.ts";

const api = setUpApi();

type Operation = {
  responses: Record<string, { content: { "application/json": { schema: Record<string, unknown> } } }>;
};

async function loadDescription() {
  const { paths, components } = (await api.get("/api/v1/openapi.json")).body;
  return { paths: paths as Record<string, Record<string, Operation>>, error: components.schemas.Error };
}

/** What does not fit the description, field by field; empty where all does. */
function faultsOf(schema: Record<string, unknown>, body: unknown): string[] {
  const parsed = z.fromJSONSchema(schema).safeParse(body);
  return parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

/** A workspace with something of everything that lists show. */
async function buildEverything() {
  const { workspaceId, db } = api;
  const connection = await buildConnection(db, {
    workspaceId,
    webhookId: "hook-1",
    webhookState: "active",
    lastEventAt: TEST_NOW,
    lastSweepAt: TEST_NOW,
  });
  await db.coverage.create({
    data: {
      connectionId: connection.id,
      day: new Date("2026-03-09"),
      verifiedAt: TEST_NOW,
      fullScope: true,
    },
  });
  const owner = await buildUser(db);
  await api.post("/api/v1/leads", {
    leads: [
      { externalId: "c-1", email: "maya@ridgeline.example", aliases: ["m@home.example"] },
      { email: "noor@ridgeline.example", sentiment: "meeting_booked" },
    ],
  });
  const lead = await db.lead.findFirstOrThrow({ where: { workspaceId, externalId: "c-1" } });
  const held = await buildAppointment(db, {
    workspaceId,
    leadId: lead.id,
    startAt: addMs(TEST_NOW, -3 * HOUR_MS),
    endAt: addMs(TEST_NOW, -2 * HOUR_MS),
  });
  const stray = await buildAppointment(db, {
    workspaceId,
    leadId: null,
    status: "canceled",
    canceledAt: addMs(TEST_NOW, -HOUR_MS),
    attendeeEmail: "nobody@known.example",
  });
  await buildTask(db, {
    workspaceId,
    leadId: lead.id,
    ownerId: owner.id,
    leaseUntil: addMs(TEST_NOW, HOUR_MS),
  });
  await db.lead.updateMany({
    where: { workspaceId, email: "noor@ridgeline.example" },
    data: { claimCheckedAt: addMs(TEST_NOW, HOUR_MS) },
  });
  // R21: the fifth kind is a flag.
  await buildLead(db, {
    workspaceId,
    status: "meeting_booked",
    meetingState: "held",
    meetingStatus: "confirmed",
    meetingEndAt: addMs(TEST_NOW, -48 * HOUR_MS),
    attendanceUnrecorded: true,
  });
  return { lead, held, stray };
}

describe("what the API says it answers (OpenAPI)", () => {
  it("is what it answers, field by field, on every route", async () => {
    const { paths } = await loadDescription();
    const { lead, held, stray } = await buildEverything();
    const made = await api.post("/api/v1/sequences", {
      name: "Nudge",
      trigger: "no_response",
      steps: [{ dayOffset: 1, channel: "email", template: "Hello {{firstName}}", subject: "Hello" }],
    });
    const free = await buildLead(api.db, { workspaceId: api.workspaceId });
    const range = { from: "2026-02-01", to: "2026-02-04", note: "Again" };
    const run = (await api.post("/api/v1/backfills", range)).body.id;
    const calls: [operation: string, path: string, body?: unknown][] = [
      ["GET /leads", "/leads"],
      ["GET /leads/{id}", `/leads/${lead.id}`],
      ["GET /appointments", "/appointments"],
      ["GET /tasks", "/tasks"],
      ["GET /mismatches", "/mismatches"],
      ["GET /connections", "/connections"],
      ["GET /backfills/{id}", `/backfills/${run}`],
      ["POST /leads", "/leads", { leads: [{ email: "ana@ridgeline.example" }, { email: "none" }] }],
      [
        "POST /messages",
        "/messages",
        {
          messages: [
            { externalId: "m-1", leadExternalId: "c-1", direction: "inbound", at: TEST_NOW.toISOString() },
            { externalId: "m-1", leadExternalId: "c-1", direction: "inbound", at: TEST_NOW.toISOString() },
            { externalId: "m-2", leadExternalId: "c-9", direction: "inbound", at: TEST_NOW.toISOString() },
          ],
        },
      ],
      ["POST /appointments/{id}/attendance", `/appointments/${held.id}/attendance`, { mark: "no_show" }],
      ["POST /appointments/{id}/link", `/appointments/${stray.id}/link`, { leadId: free.id }],
      [
        "POST /sequences",
        "/sequences",
        { name: "Call", trigger: "manual", steps: [{ dayOffset: 0, channel: "call", template: "Call." }] },
      ],
      ["POST /enrollments", "/enrollments", { leadId: free.id, sequenceId: made.body.id }],
      ["POST /backfills", "/backfills", { ...range, mode: "lookup", dryRun: true }],
      ["POST /backfills/{id}/pause", `/backfills/${run}/pause`],
      ["POST /backfills/{id}/resume", `/backfills/${run}/resume`],
      ["POST /backfills/{id}/cancel", `/backfills/${run}/cancel`],
    ];
    const seen = new Set<string>();
    const answer = async (operation: string, path: string, body: unknown) => {
      const [method = "", template = ""] = operation.split(" ");
      const given = await (method === "GET" ? api.get(`/api/v1${path}`) : api.post(`/api/v1${path}`, body));
      const described = paths[template]?.[method.toLowerCase()]?.responses[given.status];
      if (!described) throw new Error(`${operation} answered ${given.status}, which is not described`);
      expect(given.status, operation).toBeLessThan(300);
      const schema = described.content["application/json"].schema;
      expect(faultsOf(schema, given.body), operation).toEqual([]);
      seen.add(operation);
      return given;
    };
    for (const [operation, path, body] of calls) {
      const { body: list } = await answer(operation, path, body);
      if ("rows" in list) expect(list.rows.length, operation).toBeGreaterThan(0);
    }

    // A lead is checked where nothing has to be asked, and a run retried when something failed in it.
    await api.db.connection.updateMany({ data: { state: "off", tokenSealed: null } });
    await answer("POST /leads/{id}/check", `/leads/${lead.id}/check`, {});
    const slice = await api.db.backfillSlice.findFirstOrThrow({ where: { backfillId: run } });
    await api.db.backfill.update({ where: { id: run }, data: { state: "incomplete", desired: "running" } });
    const error = {
      backfillId: run,
      sliceId: slice.id,
      code: "bad_record",
      message: "startTime",
      at: TEST_NOW,
    };
    await api.db.backfillError.create({ data: error });
    await answer("GET /backfills/{id}", `/backfills/${run}`, undefined);
    await answer("POST /backfills/{id}/retry-failed", `/backfills/${run}/retry-failed`, {});

    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect([...seen].sort()).toEqual(described.sort());
  });

  it("says how every refusal looks", async () => {
    const { error } = await loadDescription();
    const refusals = await Promise.all([
      api.get("/api/v1/leads?limit=501"),
      api.get("/api/v1/leads", { key: "wrong" }),
      api.get("/api/v1/leads/42"),
      api.get("/api/v1/nothing"),
      api.post("/api/v1/leads", { leads: Array(5_001).fill({}) }),
      api.post("/api/v1/backfills", { from: "2026-02-01", to: "2026-02-02" }),
    ]);
    expect(refusals.map(({ status }) => status)).toEqual([400, 401, 404, 404, 413, 409]);
    for (const { body } of refusals) expect(faultsOf(error, body)).toEqual([]);
  });
});

describe("every list", () => {
  const lists = ["/leads", "/appointments", "/tasks", "/mismatches", "/connections"];

  it.each(lists)("%s takes limit and cursor, up to 500 rows", async (path) => {
    for (const query of ["limit=0", "limit=501", "limit=ten", "limit=1.5"]) {
      const { status, body } = await api.get(`/api/v1${path}?${query}`);
      expect(status).toBe(400);
      expect(body.error).toMatchObject({ code: "bad_parameter", details: [{ path: "limit" }] });
    }
    expect((await api.get(`/api/v1${path}?cursor=abc`)).body.error.code).toBe("bad_cursor");
    expect((await api.get(`/api/v1${path}?limit=500`)).body).toEqual({
      rows: [],
      next: null,
      asOf: TEST_NOW.toISOString(),
      ...(path === "/mismatches" ? { unknown: 0 } : {}),
    });
  });

  it("gives every connection once, page by page", async () => {
    const { workspaceId } = api;
    await buildConnection(api.db, { workspaceId, provider: "highlevel", createdAt: TEST_NOW });
    await buildConnection(api.db, { workspaceId, createdAt: addMs(TEST_NOW, -HOUR_MS) });
    const first = await api.get("/api/v1/connections?limit=1");
    expect(first.body).toMatchObject({ rows: [{ provider: "calendly" }], next: expect.any(String) });
    const second = await api.get(`/api/v1/connections?limit=1&cursor=${first.body.next}`);
    expect(second.body).toMatchObject({ rows: [{ provider: "highlevel" }], next: null });
  });
});
