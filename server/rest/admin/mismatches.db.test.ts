import { beforeEach, describe, expect, it } from "vitest";
import { addDays } from "#server/lib/duration.ts";
import { listReceipts } from "#server/mismatches/list-receipts.ts";
import {
  buildClaim,
  buildLateLabel,
  buildMismatchWorld,
  buildVanished,
  readWorld,
} from "#server/mismatches/testing/mismatch-world.ts";
import { buildLead, TEST_NOW } from "#server/testing/factories.ts";
import { TEST_ADMIN_KEY } from "#server/testing/start-test-server.ts";
import { setUpApi } from "../testing/set-up-api.ts";

const api = setUpApi();
const PATH = "/api/admin/appointment-mismatches";
const report = (query = "") => api.get(PATH + query, { key: TEST_ADMIN_KEY });
const accept = (body: unknown) => api.post(PATH, body, { key: TEST_ADMIN_KEY });

let workspaceId: string;
let slug: string;

beforeEach(async () => {
  await api.db.lead.deleteMany();
  ({ workspaceId, slug } = await buildMismatchWorld(api.db));
});

describe("GET /api/admin/appointment-mismatches", () => {
  it("is the instance's alone", async () => {
    expect((await api.get(PATH)).status).toBe(401);
    expect((await api.post(PATH, {})).status).toBe(401);
  });

  it("tells attendance that nobody recorded as a fifth kind, as programs of the workspace read it", async () => {
    const endedAt = addDays(TEST_NOW, -3);
    const lead = await buildLead(api.db, {
      workspaceId: api.workspaceId,
      status: "meeting_booked",
      meetingState: "held",
      meetingStatus: "confirmed",
      meetingEndAt: endedAt,
      attendanceUnrecorded: true,
    });
    const row = { leadId: lead.id, cause: null, since: endedAt.toISOString(), suggested: "recheck" };
    const { body } = await report(`?workspaceId=${api.workspaceId}`);
    expect(body.counts).toMatchObject({ 1: 0, 2: 0, 5: 1 });
    expect(body.types.at(-1)).toMatchObject({
      kind: 5,
      type: "attendance_unrecorded",
      count: 1,
      rows: [row],
    });
    for (const query of ["", "?kind=5"]) {
      const { rows } = (await api.get(`/api/v1/mismatches${query}`)).body;
      expect(rows).toMatchObject([{ ...row, kind: 5 }]);
    }
    expect((await api.get("/api/v1/mismatches?kind=2")).body.rows).toEqual([]);
    const { rows } = (await api.get(`/api/v1/leads?email=${lead.email}`)).body;
    expect(rows).toMatchObject([{ mismatch: { kind: 5, cause: null } }]);
  });

  it("tells each kind of every workspace, the oldest first, without names", async () => {
    const claim = await buildClaim(api.db, workspaceId);
    const late = await buildLateLabel(api.db, workspaceId);
    const other = await buildMismatchWorld(api.db);
    await buildVanished(api.db, other.workspaceId);
    const { status, body } = await report();
    expect(status).toBe(200);
    expect(body).toMatchObject({
      workspaceId: null,
      counts: { 1: 1, 2: 0, 3: 1, 4: 1 },
      unknown: 0,
      next: null,
    });
    expect(body.workspaces).toHaveLength(2);
    expect(body.types.map((type: { type: string; count: number }) => [type.type, type.count])).toEqual([
      ["sentiment_booked_no_evidence", 1],
      ["evidence_exists_not_booked", 0],
      ["canceled_but_booked_status", 1],
      ["evidence_vanished", 1],
    ]);
    expect(body.types[0].rows).toMatchObject([{ leadId: claim.id, workspaceId, suggested: "accept" }]);
    expect(body.types[0].rows[0].checkedAt).not.toBeNull();
    expect(body.types[2].rows).toMatchObject([{ leadId: late.id }]);
    expect(JSON.stringify(body)).not.toContain("@");
  });

  it("stays inside a workspace that is named by id or slug, and counts alone when asked", async () => {
    await buildClaim(api.db, workspaceId);
    const other = await buildMismatchWorld(api.db);
    await buildClaim(api.db, other.workspaceId);
    for (const name of [workspaceId, slug]) {
      const { body } = await report(`?workspaceId=${name}&countsOnly=1`);
      expect(body).toMatchObject({ workspaceId, counts: { 1: 1 } });
      expect(body).not.toHaveProperty("types");
    }
    expect((await report("?workspaceId=nobody")).status).toBe(404);
  });

  it("counts what nobody has checked, and what a person keeps not at all", async () => {
    await buildClaim(api.db, workspaceId, { claimCheckedAt: null });
    await buildClaim(api.db, workspaceId, { decision: "keep" });
    expect((await report(`?workspaceId=${slug}`)).body).toMatchObject({ counts: { 1: 0 }, unknown: 1 });
  });

  it("goes on where each kind stopped", async () => {
    const claims = [];
    for (let at = 0; at < 3; at++) claims.push(await buildClaim(api.db, workspaceId));
    await buildLateLabel(api.db, workspaceId);
    const seen: string[] = [];
    let cursor: string | null = null;
    let pages = 0;
    do {
      const { body }: { body: { types: { rows: { leadId: string }[] }[]; next: string | null } } =
        await report(`?limitPerType=2${cursor ? `&cursor=${cursor}` : ""}`);
      seen.push(...body.types.flatMap(({ rows }) => rows.map(({ leadId }) => leadId)));
      cursor = body.next;
      pages += 1;
    } while (cursor !== null);
    expect(pages).toBe(2);
    expect(new Set(seen).size).toBe(4);
    expect(seen).toHaveLength(4);
    expect((await report("?cursor=nonsense")).body.error.code).toBe("bad_cursor");
  });
});

describe("POST /api/admin/appointment-mismatches (R23)", () => {
  const reload = (id: string) => api.db.lead.findUniqueOrThrow({ where: { id } });

  it("writes nothing at all in a dry run (R19)", async () => {
    await buildClaim(api.db, workspaceId);
    await buildLateLabel(api.db, workspaceId);
    const before = await readWorld(api.db, workspaceId);
    const counted = async () => [await api.db.bulkPlan.count(), await api.db.auditEntry.count()];
    const rows = await counted();
    const answer = await accept({ workspaceId: slug, dryRun: true });
    expect(answer).toMatchObject({
      status: 200,
      body: { dryRun: true, total: 2, willChange: 2, receiptId: null, applied: 0 },
    });
    expect(await readWorld(api.db, workspaceId)).toEqual(before);
    expect(await counted()).toEqual(rows);
  });

  it("accepts the evidence with a receipt, as a program", async () => {
    const claim = await buildClaim(api.db, workspaceId);
    const late = await buildLateLabel(api.db, workspaceId);
    const { status, body } = await accept({ workspaceId });
    expect(status).toBe(200);
    expect(body).toMatchObject({ willChange: 2, applied: 2, failed: 0, state: "applied" });
    expect(await reload(claim.id)).toMatchObject({
      status: "meeting_requested",
      sentiment: "meeting_requested",
      mismatchKind: null,
    });
    expect(await reload(late.id)).toMatchObject({ status: "qualified", mismatchKind: null });
    const audit = await api.db.auditEntry.findMany({
      where: { leadId: claim.id, verb: "mismatch_accepted" },
    });
    expect(audit).toMatchObject([{ actorKind: "api", actorId: null, receiptId: body.receiptId }]);
    const { rows } = await listReceipts(api.db, { workspaceId, limit: 10 });
    expect(rows).toMatchObject([{ id: body.receiptId, actor: { name: "Admin API" } }]);
  });

  it("takes the kinds that are named, or the leads, and holds protected ones back", async () => {
    const claim = await buildClaim(api.db, workspaceId);
    const late = await buildLateLabel(api.db, workspaceId);
    const held = await buildClaim(api.db, workspaceId, { status: "not_interested" });
    expect((await accept({ workspaceId, kinds: [3] })).body).toMatchObject({ total: 1, applied: 1 });
    expect(await reload(late.id)).toMatchObject({ mismatchKind: null });
    expect((await accept({ workspaceId, leadIds: [claim.id, held.id] })).body).toMatchObject({
      applied: 1,
      heldBack: 1,
    });
    expect(await reload(held.id)).toMatchObject({ status: "not_interested", mismatchKind: 1 });
    expect((await accept({ workspaceId, kinds: [4] })).body).toMatchObject({ total: 0, applied: 0 });
  });

  it("never touches a lead of another workspace", async () => {
    const other = await buildMismatchWorld(api.db);
    const foreign = await buildClaim(api.db, other.workspaceId);
    const answer = await accept({ workspaceId, leadIds: [foreign.id] });
    expect(answer.status).toBe(400);
    expect(await reload(foreign.id)).toMatchObject({ mismatchKind: 1, version: foreign.version });
  });

  it.each([{}, { workspaceId: "x", kinds: [5] }, { workspaceId: "x", sure: true }])(
    "refuses %j",
    async (body) => {
      expect((await accept(body)).status).toBe(400);
    },
  );
});
