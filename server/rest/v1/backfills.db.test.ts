import { beforeEach, describe, expect, it } from "vitest";
import type { Prisma } from "#server/db/generated/client.ts";
import { buildConnection, buildWorkspace, TEST_NOW } from "#server/testing/factories.ts";
import { TEST_ADMIN_KEY } from "#server/testing/start-test-server.ts";
import { setUpApi } from "../testing/set-up-api.ts";

const api = setUpApi();
const range = { from: "2026-02-01", to: "2026-03-01" };
const start = (body: unknown = range) => api.post("/api/v1/backfills", body);
const asAdmin = () => ({ key: TEST_ADMIN_KEY, headers: { "x-workspace-id": api.slug } });

function buildRun(overrides: Partial<Prisma.BackfillUncheckedCreateInput> = {}) {
  return api.db.backfill.create({
    data: {
      workspaceId: api.workspaceId,
      workspaceIds: [api.workspaceId],
      providers: ["calendly"],
      from: new Date("2026-02-01"),
      to: new Date("2026-03-01"),
      estimate: {},
      stateSince: TEST_NOW,
      createdAt: TEST_NOW,
      ...overrides,
    },
  });
}

describe("POST /api/v1/backfills (R33)", () => {
  beforeEach(() => buildConnection(api.db, { workspaceId: api.workspaceId }));

  it("starts a run over the workspace's own days, and the same run once", async () => {
    const { status, body } = await start({ ...range, note: "After the outage", skipSideEffects: true });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      state: "queued",
      workspaceIds: [api.workspaceId],
      providers: ["calendly", "highlevel"],
      from: "2026-02-01T00:00:00.000Z",
      to: "2026-03-01T00:00:00.000Z",
      skipSideEffects: true,
      dryRun: false,
      note: "After the outage",
      slices: { total: 28, done: 0, failed: 0 },
    });
    expect(await start({ ...range, skipSideEffects: true })).toMatchObject({
      status: 200,
      body: { id: body.id },
    });
    expect((await api.get(`/api/v1/backfills/${body.id}`)).body).toMatchObject({ id: body.id });
    const audit = await api.db.auditEntry.findMany({ where: { subjectId: body.id } });
    expect(audit).toMatchObject([{ verb: "backfill_started", actorKind: "api" }]);
  });

  it("looks leads up where that is wanted, as a run of its own", async () => {
    const { body: sweep } = await start();
    const { status, body } = await start({ ...range, mode: "lookup" });
    expect(status).toBe(201);
    expect(body).toMatchObject({ mode: "lookup", slices: { total: 28 } });
    expect(sweep).toMatchObject({ mode: "sweep" });
    expect(body.id).not.toBe(sweep.id);
  });

  it("takes whole days where instants are given", async () => {
    const { body } = await start({ from: "2026-02-03T18:00:00Z", to: "2026-02-04T01:00:00Z" });
    expect(body).toMatchObject({ from: "2026-02-03T00:00:00.000Z", to: "2026-02-05T00:00:00.000Z" });
  });

  it("lets only the instance's key name other workspaces (R42)", async () => {
    const other = await buildWorkspace(api.db);
    await buildConnection(api.db, { workspaceId: other.id });
    const body = { ...range, workspaceIds: [api.workspaceId, other.id] };
    expect((await start(body)).status).toBe(404);
    const answer = await api.post("/api/v1/backfills", body, asAdmin());
    expect(answer).toMatchObject({ status: 201, body: { slices: { total: 56 } } });
    expect((await api.get(`/api/v1/backfills/${answer.body.id}`, asAdmin())).status).toBe(200);
    expect((await api.get(`/api/v1/backfills/${answer.body.id}`)).status).toBe(404);
  });

  it.each([
    ["a range that ends before it begins", { from: "2026-03-01", to: "2026-02-01" }, "bad_range"],
    ["more than ten years", { from: "2006-03-01", to: "2026-02-01" }, "bad_range"],
    ["a day that is none", { from: "2026-02-30", to: "2026-03-01" }, "bad_request"],
    ["an unknown provider", { ...range, providers: ["outlook"] }, "bad_request"],
    ["a field that does not exist", { ...range, speed: "fast" }, "bad_request"],
    ["a mode that runs do not have", { ...range, mode: "guess" }, "bad_request"],
  ])("refuses %s", async (_, body, code) => {
    expect(await start(body)).toMatchObject({ status: 400, body: { error: { code } } });
    expect(await api.db.backfill.count({ where: { workspaceId: api.workspaceId } })).toBe(0);
  });
});

describe("commands on a run", () => {
  const command = (id: string, word: string, body: unknown = {}) =>
    api.post(`/api/v1/backfills/${id}/${word}`, body);

  it("starts nothing where nothing is connected", async () => {
    expect(await start()).toMatchObject({ status: 409, body: { error: { code: "no_connection" } } });
  });

  it("pauses, goes on and ends; of an ended run it says so", async () => {
    const { id } = await buildRun();
    expect(await command(id, "pause")).toMatchObject({ status: 200, body: { id, state: "paused" } });
    expect(await command(id, "resume")).toMatchObject({ status: 200, body: { state: "queued" } });
    expect(await command(id, "cancel")).toMatchObject({ status: 200, body: { state: "canceled" } });
    expect(await command(id, "resume")).toMatchObject({
      status: 409,
      body: { error: { code: "backfill_canceled" } },
    });
    const audit = await api.db.auditEntry.findMany({ where: { subjectId: id }, orderBy: { id: "asc" } });
    expect(audit.map(({ verb }) => verb)).toEqual([
      "backfill_paused",
      "backfill_resumed",
      "backfill_canceled",
    ]);
  });

  it("reads again what failed alone", async () => {
    const run = await buildRun({ state: "incomplete", endedAt: TEST_NOW });
    const connection = await buildConnection(api.db, { workspaceId: api.workspaceId });
    const [done, failed] = await Promise.all(
      (["done", "failed"] as const).map((state, at) =>
        api.db.backfillSlice.create({
          data: {
            backfillId: run.id,
            workspaceId: api.workspaceId,
            connectionId: connection.id,
            provider: "calendly",
            day: new Date(`2026-02-0${at + 1}`),
            state,
          },
        }),
      ),
    );
    await api.db.backfillError.create({
      data: {
        backfillId: run.id,
        sliceId: failed?.id ?? "",
        code: "provider_unavailable",
        message: "No answer",
        at: TEST_NOW,
      },
    });
    expect((await api.get(`/api/v1/backfills/${run.id}`)).body.errors).toEqual([
      { code: "provider_unavailable", provider: "calendly", records: 1, slices: 1 },
    ]);
    expect((await command(run.id, "retry-failed", { code: "bad_record" })).status).toBe(409);
    expect(await command(run.id, "retry-failed")).toMatchObject({
      status: 200,
      body: { state: "queued", errors: [] },
    });
    const states = await api.db.backfillSlice.findMany({
      where: { backfillId: run.id },
      orderBy: { day: "asc" },
    });
    expect(states.map(({ id, state }) => [id, state])).toEqual([
      [done?.id, "done"],
      [failed?.id, "pending"],
    ]);
  });

  it("finds no run of another workspace (R42)", async () => {
    const other = await buildWorkspace(api.db);
    const run = await buildRun({ workspaceId: other.id, workspaceIds: [other.id] });
    for (const word of ["pause", "resume", "cancel", "retry-failed"]) {
      expect((await command(run.id, word)).status).toBe(404);
    }
    expect((await api.get(`/api/v1/backfills/${run.id}`)).status).toBe(404);
    expect((await api.get("/api/v1/backfills/nonsense")).status).toBe(404);
  });
});
