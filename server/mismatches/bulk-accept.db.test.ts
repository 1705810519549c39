import { beforeEach, describe, expect, test } from "vitest";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildLead, buildMembership, buildUser, TEST_NOW } from "#server/testing/factories.ts";
import { applyPlan } from "./apply-plan.ts";
import { commitPlan } from "./commit-plan.ts";
import { getReceipt } from "./list-receipts.ts";
import { previewPlan } from "./preview-plan.ts";
import {
  buildClaim,
  buildLateLabel,
  buildMismatchWorld,
  buildMissedMeeting,
  buildVanished,
  readWorld,
} from "./testing/mismatch-world.ts";
import { startUndo, undoReceipt } from "./undo-receipt.ts";

const database = setUpTestDatabase();
const NEVER = new AbortController().signal;

let world: Awaited<ReturnType<typeof buildMismatchWorld>>;
beforeEach(async () => {
  world = await buildMismatchWorld(database.db);
});

const all = (tab: "1" | "2" | "3" | "4") => ({ filter: { tab } });

async function accept(scope: Parameters<typeof previewPlan>[1]) {
  const preview = await previewPlan(world.deps, scope, world.who);
  const key = `key-${preview.token.slice(0, 30)}`;
  const { receiptId } = await commitPlan(
    world.deps,
    { token: preview.token, idempotencyKey: key },
    world.who,
  );
  const planId = preview.token.split(".")[0] ?? "";
  await applyPlan(world.deps, { planId }, NEVER);
  return { preview, receiptId, planId };
}

async function buildFifty() {
  const { db } = database;
  const { workspaceId } = world;
  const ids: string[] = [];
  for (let n = 0; n < 35; n++) ids.push((await buildClaim(db, workspaceId)).id);
  for (let n = 0; n < 6; n++) ids.push((await buildLateLabel(db, workspaceId)).id);
  for (let n = 0; n < 6; n++) ids.push((await buildMissedMeeting(db, workspaceId)).id);
  for (let n = 0; n < 3; n++) ids.push((await buildVanished(db, workspaceId)).id);
  return ids;
}

describe("bulk accept", () => {
  test("accepts 50 of every kind as announced, and undo restores every field", async () => {
    const { db } = database;
    const ids = await buildFifty();
    const before = await readWorld(db, world.workspaceId);
    const { preview, receiptId } = await accept({ ids, filter: { tab: "1" } });
    expect(preview).toMatchObject({ total: 50, willChange: 50, noChange: 0, skipped: [], heldBack: 0 });
    expect(preview.sample).toHaveLength(5);

    const after = await readWorld(db, world.workspaceId);
    expect(after.leads.every((lead) => lead.mismatchKind === null && lead.decision === null)).toBe(true);
    expect(count(after.leads, "meeting_requested")).toBe(35);
    expect(count(after.leads, "meeting_booked")).toBe(6);
    expect(count(after.leads, "qualified")).toBe(9);
    const opened = after.tasks.length - before.tasks.length;
    expect(opened).toBe(9);
    expect(preview.redTasks).toBe(opened);
    expect(after.tasks.filter((task) => task.closedReason === "rebooked_by_evidence")).toHaveLength(6);
    expect(preview.sequencesStopped).toBe(
      after.instances.filter((i) => i.status === "completed" || i.status === "canceled").length,
    );
    expect(preview.sequencesStarted).toBe(after.instances.length - before.instances.length);
    expect(await getReceipt(db, world.workspaceId, receiptId)).toMatchObject({
      applied: 50,
      failed: 0,
      state: "applied",
    });
    const entries = await db.auditEntry.findMany({
      where: { leadId: { in: ids }, source: "operator" },
      orderBy: { id: "asc" },
    });
    expect(entries.length).toBeGreaterThan(ids.length);
    // The act is told before what follows from it.
    for (const [first] of Map.groupBy(entries, ({ leadId }) => leadId).values()) {
      expect(first?.verb).toBe("mismatch_accepted");
    }

    const undone = await startUndo(world.deps, receiptId, { ...world.who, role: "ops_lead" });
    expect(undone).toEqual({ state: "undone", restored: 50, kept: [] });
    expect(await readWorld(db, world.workspaceId)).toEqual(before);
  });

  test("leaves out what changed since the preview and says so", async () => {
    const { db } = database;
    const [first, second, third] = [
      await buildClaim(db, world.workspaceId),
      await buildClaim(db, world.workspaceId),
      await buildClaim(db, world.workspaceId),
    ];
    const preview = await previewPlan(world.deps, all("1"), world.who);
    await db.lead.update({
      where: { id: first.id },
      data: { sentiment: "interested", version: { increment: 1 } },
    });
    await db.lead.delete({ where: { id: second.id } });
    const { receiptId } = await commitPlan(
      world.deps,
      { token: preview.token, idempotencyKey: "key-0001" },
      world.who,
    );
    await applyPlan(world.deps, { planId: preview.token.split(".")[0] ?? "" }, NEVER);

    const receipt = await getReceipt(db, world.workspaceId, receiptId);
    expect(receipt).toMatchObject({ applied: 1, failed: 2 });
    const problems = Object.fromEntries(receipt.items.map((item) => [item.leadId, item.problem]));
    expect(problems).toEqual({ [first.id]: "changed_since", [second.id]: "lead_gone", [third.id]: null });
    expect(await db.lead.findUnique({ where: { id: first.id } })).toMatchObject({
      sentiment: "interested",
      decision: null,
    });
  });

  test("holds protected leads back, skips the unchecked and the decided", async () => {
    const { db } = database;
    const { workspaceId, ops } = world;
    await buildClaim(db, workspaceId, { status: "blacklisted" });
    const kept = await buildClaim(db, workspaceId, {
      decision: "keep",
      decisionAt: TEST_NOW,
      decisionById: ops.id,
    });
    await db.auditEntry.create({
      data: {
        workspaceId,
        at: TEST_NOW,
        actorKind: "operator",
        actorId: ops.id,
        verb: "mismatch_kept",
        subjectType: "lead",
        subjectId: kept.id,
        leadId: kept.id,
        source: "operator",
      },
    });
    const unchecked = await buildClaim(db, workspaceId, { claimCheckedAt: null });
    const agreed = await buildLead(db, { workspaceId });
    const open = await buildClaim(db, workspaceId);
    const claims = await db.lead.findMany({ where: { workspaceId }, select: { id: true } });
    const preview = await previewPlan(
      world.deps,
      { ids: claims.map(({ id }) => id), filter: { tab: "1" } },
      world.who,
    );
    expect(preview).toMatchObject({ total: 5, willChange: 1, noChange: 1, heldBack: 1 });
    expect(preview.skipped).toEqual([
      { reason: "decided_meanwhile", count: 1, by: [ops.name] },
      { reason: "not_checked", count: 1, by: [] },
    ]);
    const items = await db.planItem.findMany({ where: { planId: preview.token.split(".")[0] ?? "" } });
    const outcome = (id: string) => items.find((item) => item.leadId === id)?.outcome;
    expect([kept, unchecked, agreed, open].map(({ id }) => outcome(id))).toEqual([
      "skipped",
      "skipped",
      "no_change",
      "will_change",
    ]);
  });

  test("skips evidence older than the workspace allows, unless the lead was looked up since", async () => {
    const { db } = database;
    await buildClaim(db, world.workspaceId);
    await buildClaim(db, world.workspaceId, { lookedUpAt: new Date(TEST_NOW.getTime() + 3_600_000) });
    world.clock.advance(3_600_000);
    const preview = await previewPlan(world.deps, all("1"), world.who);
    expect(preview).toMatchObject({
      willChange: 1,
      skipped: [{ reason: "evidence_stale", count: 1, by: [] }],
    });
  });

  test("goes on where it stood when it is killed between chunks, and repeats nothing", async () => {
    const { db } = database;
    for (let n = 0; n < 230; n++) await buildClaim(db, world.workspaceId);
    const preview = await previewPlan(world.deps, all("1"), world.who);
    const planId = preview.token.split(".")[0] ?? "";
    const { receiptId } = await commitPlan(
      world.deps,
      { token: preview.token, idempotencyKey: "key-0002" },
      world.who,
    );
    const stop = new AbortController();
    const now = () => {
      stop.abort();
      return world.clock.now();
    };
    const dying = { ...world.deps, clock: { now } };
    await expect(applyPlan(dying, { planId }, stop.signal)).rejects.toThrow();
    const halfway = await db.receipt.findUniqueOrThrow({ where: { id: receiptId } });
    expect(halfway.applied).toBe(200);

    await applyPlan(world.deps, { planId }, NEVER);
    await applyPlan(world.deps, { planId }, NEVER);
    expect(await db.receipt.findUniqueOrThrow({ where: { id: receiptId } })).toMatchObject({
      applied: 230,
      failed: 0,
    });
    const entries = await db.auditEntry.count({ where: { receiptId, verb: "mismatch_accepted" } });
    expect(entries).toBe(230);
    const summaries = await db.auditEntry.count({ where: { receiptId, verb: "plan_applied" } });
    expect(summaries).toBe(1);

    const undo = await startUndo(world.deps, receiptId, { ...world.who, role: "ops_lead" });
    expect(undo.state).toBe("undoing");
    expect(world.sent.at(-1)).toEqual({ name: "undo-receipt", data: { receiptId, userId: world.ops.id } });
    await undoReceipt(world.deps, { receiptId, userId: world.ops.id }, NEVER);
    expect(await db.receipt.findUniqueOrThrow({ where: { id: receiptId } })).toMatchObject({
      restored: 230,
      kept: [],
    });
    expect(
      await db.lead.count({ where: { workspaceId: world.workspaceId, mismatchKind: 1, decision: null } }),
    ).toBe(230);
  });

  test("answers the same receipt when the same preview is committed twice", async () => {
    await buildClaim(database.db, world.workspaceId);
    const { token } = await previewPlan(world.deps, all("1"), world.who);
    const first = await commitPlan(world.deps, { token, idempotencyKey: "key-0003" }, world.who);
    const second = await commitPlan(world.deps, { token, idempotencyKey: "key-0003" }, world.who);
    expect(second).toEqual(first);
    expect(world.sent.filter(({ name }) => name === "apply-plan")).toHaveLength(1);
  });

  test.each([
    [
      "another person's preview",
      "not_found",
      async () => ({ ...world.who, userId: (await buildUser(database.db)).id }),
    ],
    [
      "a preview of another workspace",
      "not_found",
      async () => ({ ...world.who, workspaceId: (await buildMismatchWorld(database.db)).workspaceId }),
    ],
  ])("refuses to commit %s", async (_name, code, who) => {
    await buildClaim(database.db, world.workspaceId);
    const { token } = await previewPlan(world.deps, all("1"), world.who);
    await expect(
      commitPlan(world.deps, { token, idempotencyKey: "key-0004" }, await who()),
    ).rejects.toMatchObject({ code });
  });

  test("refuses a token that is not what was frozen, an old one, and one that changes nothing", async () => {
    const { db } = database;
    await buildClaim(db, world.workspaceId);
    const { token } = await previewPlan(world.deps, all("1"), world.who);
    const commit = (given: string, key: string) =>
      commitPlan(world.deps, { token: given, idempotencyKey: key }, world.who);
    await expect(commit(`${token}x`, "key-0005")).rejects.toMatchObject({ code: "plan_changed" });
    await expect(commit("not-a-token", "key-0006")).rejects.toMatchObject({ code: "not_found" });
    world.clock.advance(31 * 60_000);
    await expect(commit(token, "key-0007")).rejects.toMatchObject({ code: "plan_expired" });
    const { token: late } = await previewPlan(world.deps, all("1"), world.who);
    await expect(commit(late, "key-0008")).rejects.toMatchObject({ code: "nothing_to_do" });
  });

  test("asks for the typed number above five thousand leads", async () => {
    const { db } = database;
    await buildClaim(db, world.workspaceId);
    const { token } = await previewPlan(world.deps, all("1"), world.who);
    const id = token.split(".")[0] ?? "";
    await db.$executeRaw`UPDATE "BulkPlan" SET counts = jsonb_set(counts, '{willChange}', '5001') WHERE id = ${id}::uuid`;
    const commit = (confirmCount?: number) =>
      commitPlan(world.deps, { token, idempotencyKey: "key-0009", confirmCount }, world.who);
    await expect(commit()).rejects.toMatchObject({ code: "count_required", details: { willChange: 5001 } });
    await expect(commit(5000)).rejects.toMatchObject({ code: "count_required" });
    await expect(commit(5001)).resolves.toMatchObject({ willChange: 5001 });
  });

  test("refuses an empty scope, and ids of another workspace are nobody", async () => {
    const foreign = await buildMismatchWorld(database.db);
    const lead = await buildClaim(database.db, foreign.workspaceId);
    const empty = { code: "empty_scope" };
    await expect(previewPlan(world.deps, all("1"), world.who)).rejects.toMatchObject(empty);
    await expect(
      previewPlan(world.deps, { ids: [lead.id], filter: { tab: "1" } }, world.who),
    ).rejects.toMatchObject(empty);
  });
});

describe("undo", () => {
  test("keeps the leads that somebody changed since, and names who", async () => {
    const { db } = database;
    const ids = [
      await buildClaim(db, world.workspaceId),
      await buildClaim(db, world.workspaceId),
      await buildLateLabel(db, world.workspaceId),
    ].map(({ id }) => id);
    const { receiptId } = await accept({ ids, filter: { tab: "1" } });
    const ana = await buildUser(db, { name: "Ana Costa" });
    await db.lead.update({ where: { id: ids[0] ?? "" }, data: { status: "qualified", statusAt: TEST_NOW } });
    await db.auditEntry.create({
      data: {
        workspaceId: world.workspaceId,
        at: new Date(TEST_NOW.getTime() + 60_000),
        actorKind: "operator",
        actorId: ana.id,
        verb: "lead_labeled",
        subjectType: "lead",
        subjectId: ids[0] ?? "",
        leadId: ids[0] ?? "",
        source: "operator",
      },
    });
    await db.task.updateMany({ where: { leadId: ids[2] ?? "" }, data: { ownerId: ana.id } });

    const undone = await startUndo(world.deps, receiptId, { ...world.who, role: "ops_lead" });
    expect(undone.restored).toBe(1);
    expect(undone.kept).toEqual([
      { reason: "changed_since", count: 1 },
      { reason: "task_worked_on", count: 1 },
    ]);
    const receipt = await getReceipt(db, world.workspaceId, receiptId);
    expect(receipt.items.find(({ leadId }) => leadId === ids[0])).toMatchObject({
      problem: "changed_since",
      changedBy: "Ana Costa",
    });
    expect(await db.lead.findUnique({ where: { id: ids[0] ?? "" } })).toMatchObject({ status: "qualified" });
  });

  test("is its author's, an ops lead's, an owner's and an admin's, for 24 hours", async () => {
    const { db } = database;
    const ids = [(await buildClaim(db, world.workspaceId)).id];
    const { receiptId } = await accept({ ids, filter: { tab: "1" } });
    const other = await buildUser(db);
    await buildMembership(db, { workspaceId: world.workspaceId, userId: other.id, role: "inbox_manager" });
    const stranger = { workspaceId: world.workspaceId, userId: other.id, role: "inbox_manager" } as const;
    await expect(startUndo(world.deps, receiptId, stranger)).rejects.toMatchObject({ code: "forbidden" });
    const foreign = await buildMismatchWorld(db);
    await expect(startUndo(world.deps, receiptId, { ...foreign.who, role: "owner" })).rejects.toMatchObject({
      code: "not_found",
    });
    world.clock.advance(24 * 3_600_000);
    await expect(startUndo(world.deps, receiptId, { ...stranger, role: "owner" })).rejects.toMatchObject({
      code: "undo_expired",
    });
    world.clock.advance(-1_000);
    await expect(startUndo(world.deps, receiptId, { ...stranger, role: "owner" })).resolves.toMatchObject({
      restored: 1,
    });
    await expect(startUndo(world.deps, receiptId, { ...stranger, role: "owner" })).resolves.toMatchObject({
      restored: 1,
    });
  });
});

function count(leads: { status: string }[], status: string): number {
  return leads.filter((lead) => lead.status === status).length;
}
