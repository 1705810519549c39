import { beforeEach, expect, test } from "vitest";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildMembership, buildUser, TEST_NOW } from "#server/testing/factories.ts";
import { applyPlan } from "./apply-plan.ts";
import { commitPlan } from "./commit-plan.ts";
import { getReceipt } from "./list-receipts.ts";
import { previewPlan } from "./preview-plan.ts";
import { buildClaim, buildLateLabel, buildMismatchWorld, readWorld } from "./testing/mismatch-world.ts";
import { startUndo, undoReceipt } from "./undo-receipt.ts";

const database = setUpTestDatabase();
const NEVER = new AbortController().signal;

let world: Awaited<ReturnType<typeof buildMismatchWorld>>;
beforeEach(async () => {
  world = await buildMismatchWorld(database.db);
});

type Who = { workspaceId: string; userId: string };

async function buildColleague(): Promise<Who> {
  const { db } = database;
  const { workspaceId } = world;
  const { id: userId } = await buildUser(db);
  await buildMembership(db, { workspaceId, userId, role: "ops_lead" });
  return { workspaceId, userId };
}

async function commit(who: Who, scope: Parameters<typeof previewPlan>[1]) {
  const { token } = await previewPlan(world.deps, scope, who);
  const { receiptId } = await commitPlan(world.deps, { token, idempotencyKey: token.slice(0, 40) }, who);
  return { receiptId, planId: token.split(".")[0] ?? "" };
}

const undo = (who: Who, receiptId: string) => startUndo(world.deps, receiptId, { ...who, role: "ops_lead" });

async function buildLateLabels(count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) ids.push((await buildLateLabel(database.db, world.workspaceId)).id);
  return ids;
}

test("two people accept overlapping leads at once: each lead is accepted by one of them, with one red task", async () => {
  const { db } = database;
  const colleague = await buildColleague();
  const ids = await buildLateLabels(30);
  const before = await readWorld(db, world.workspaceId);
  const mine = await commit(world.who, { ids: ids.slice(0, 20), filter: { tab: "3" } });
  const theirs = await commit(colleague, { ids: ids.slice(10), filter: { tab: "3" } });
  await Promise.all([mine, theirs].map(({ planId }) => applyPlan(world.deps, { planId }, NEVER)));

  const receipts = await Promise.all(
    [mine, theirs].map(({ receiptId }) => getReceipt(db, world.workspaceId, receiptId)),
  );
  expect(receipts.map(({ applied, failed }) => applied + failed)).toEqual([20, 20]);
  expect(receipts.map(({ applied }) => applied).reduce((a, b) => a + b)).toBe(30);
  expect(await db.auditEntry.count({ where: { verb: "mismatch_accepted", leadId: { in: ids } } })).toBe(30);
  expect(await db.task.count({ where: { leadId: { in: ids } } })).toBe(30);
  const problems = receipts.flatMap(({ items }) => items.flatMap(({ problem }) => problem ?? []));
  expect(problems).toEqual(Array(10).fill("changed_since"));

  // What each takes back is what they did, whoever goes first.
  expect((await undo(colleague, theirs.receiptId)).restored).toBe(receipts[1]?.applied);
  expect((await undo(world.who, mine.receiptId)).restored).toBe(receipts[0]?.applied);
  expect(await readWorld(db, world.workspaceId)).toEqual(before);
});

test("a plan that two workers apply at once is applied once, and so is its undo", async () => {
  const { db } = database;
  const ids = await buildLateLabels(60);
  const { receiptId, planId } = await commit(world.who, { ids, filter: { tab: "3" } });
  await Promise.all([1, 2, 3].map(() => applyPlan(world.deps, { planId }, NEVER)));
  expect(await db.receipt.findUnique({ where: { id: receiptId } })).toMatchObject({ applied: 60, failed: 0 });
  const entries = (verb: string) => db.auditEntry.count({ where: { receiptId, verb } });
  expect([await entries("mismatch_accepted"), await entries("plan_applied")]).toEqual([60, 1]);

  const colleague = await buildColleague();
  await Promise.all([undo(world.who, receiptId), undo(colleague, receiptId)]);
  const job = { receiptId, userId: world.who.userId };
  await Promise.all([1, 2, 3].map(() => undoReceipt(world.deps, job, NEVER)));
  expect(await db.receipt.findUnique({ where: { id: receiptId } })).toMatchObject({ restored: 60, kept: [] });
  expect([await entries("mismatch_decision_undone"), await entries("receipt_undone")]).toEqual([60, 1]);
});

test("an undo is not undone: asked again it says what it did, also after the leads were accepted anew", async () => {
  const { db } = database;
  const scope = { ids: await buildLateLabels(2), filter: { tab: "3" as const } };
  const first = await commit(world.who, scope);
  await applyPlan(world.deps, first, NEVER);
  await undo(world.who, first.receiptId);
  const second = await commit(world.who, scope);
  await applyPlan(world.deps, second, NEVER);
  const accepted = await readWorld(db, world.workspaceId);
  expect(accepted.leads.map(({ status }) => status)).toEqual(["qualified", "qualified"]);

  expect(await undo(world.who, first.receiptId)).toMatchObject({ state: "undone", restored: 2 });
  expect(await readWorld(db, world.workspaceId)).toEqual(accepted);
  expect(await undo(world.who, second.receiptId)).toMatchObject({ state: "undone", restored: 2 });
});

test("what is still being applied is not undone", async () => {
  await buildClaim(database.db, world.workspaceId);
  const { receiptId } = await commit(world.who, { filter: { tab: "1" } });
  await expect(undo(world.who, receiptId)).rejects.toMatchObject({ code: "still_applying" });
});

test("the leads that were shown are decided, whatever their filter finds by then", async () => {
  const { db } = database;
  const { workspaceId } = world;
  const shown = await buildClaim(db, workspaceId, { mismatchCause: "no_trace", causeKind: 1 });
  const scope = { filter: { tab: "1" as const, cause: ["no_trace" as const] } };
  const { token, willChange } = await previewPlan(world.deps, scope, world.who);
  expect(willChange).toBe(1);
  // Causes are computed anew at any time, and that is no change of the lead.
  await db.lead.update({ where: { id: shown.id }, data: { mismatchCause: "feed_gap" } });
  const late = await buildClaim(db, workspaceId, { mismatchCause: "no_trace", causeKind: 1 });
  await commitPlan(world.deps, { token, idempotencyKey: "frozen-0001" }, world.who);
  await applyPlan(world.deps, { planId: token.split(".")[0] ?? "" }, NEVER);
  const status = async (id: string) => (await db.lead.findUniqueOrThrow({ where: { id } })).status;
  expect([await status(shown.id), await status(late.id)]).toEqual(["meeting_requested", "meeting_booked"]);
});

test("ids of another workspace among one's own are nobody: neither counted nor touched", async () => {
  const { db } = database;
  const foreign = await buildMismatchWorld(db);
  const own = await buildClaim(db, world.workspaceId);
  const other = await buildClaim(db, foreign.workspaceId);
  const scope = { ids: [own.id, other.id], filter: { tab: "1" as const } };
  expect(await previewPlan(world.deps, scope, world.who)).toMatchObject({ total: 1, willChange: 1 });
  const { receiptId, planId } = await commit(world.who, scope);
  await applyPlan(world.deps, { planId }, NEVER);
  expect(await db.receipt.findUnique({ where: { id: receiptId } })).toMatchObject({ applied: 1, failed: 0 });
  expect(await db.lead.findUnique({ where: { id: other.id } })).toEqual(other);
});

test("two clicks at once commit once, and one key serves one decision", async () => {
  const { db } = database;
  const first = await buildClaim(db, world.workspaceId);
  const second = await buildClaim(db, world.workspaceId);
  const preview = (id: string) => previewPlan(world.deps, { ids: [id], filter: { tab: "1" } }, world.who);
  const { token } = await preview(first.id);
  const { token: other } = await preview(second.id);
  const click = (token: string, idempotencyKey: string) =>
    commitPlan(world.deps, { token, idempotencyKey }, world.who);
  const clicks = await Promise.all([click(token, "click-0001"), click(token, "click-0002")]);
  expect(new Set(clicks.map(({ receiptId }) => receiptId)).size).toBe(1);

  const { token: third } = await preview(second.id);
  const answers = await Promise.allSettled([click(other, "click-0003"), click(third, "click-0003")]);
  expect(answers.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(answers.find(({ status }) => status === "rejected")).toMatchObject({
    reason: { code: "idempotency_key_reused" },
  });
  expect(world.sent.filter(({ name }) => name === "apply-plan")).toHaveLength(2);
});

test("a lead that is gone when its decision is taken back is named, and the others come back", async () => {
  const { db } = database;
  const ids = await buildLateLabels(2);
  const { receiptId, planId } = await commit(world.who, { ids, filter: { tab: "3" } });
  await applyPlan(world.deps, { planId }, NEVER);
  await db.lead.delete({ where: { id: ids[0] ?? "" } });
  expect(await undo(world.who, receiptId)).toMatchObject({
    restored: 1,
    kept: [{ reason: "lead_gone", count: 1 }],
  });
  expect(await db.lead.findUnique({ where: { id: ids[1] ?? "" } })).toMatchObject({
    status: "meeting_booked",
    updatedAt: TEST_NOW,
  });
});

test("a run that dies within a chunk leaves nothing of it, and the next goes on from there", async () => {
  const { db } = database;
  const { workspaceId } = world;
  const {
    id: _,
    emailKey,
    claimAt,
    mismatchKind,
    claimUnverified,
    mismatchSince,
    ...claim
  } = await buildClaim(db, workspaceId);
  await db.lead.createMany({
    data: Array.from({ length: 229 }, (_, n) => ({ ...claim, email: `claim${n}@ridgeline.example` })),
  });
  const { receiptId, planId } = await commit(world.who, { filter: { tab: "1" } });
  const { leadId } = await db.planItem.findFirstOrThrow({ where: { planId, position: 215 } });
  await db.$executeRawUnsafe(`ALTER TABLE "AuditEntry" ADD CONSTRAINT dies CHECK ("leadId" <> '${leadId}')`);
  await expect(applyPlan(world.deps, { planId }, NEVER)).rejects.toThrow();

  const state = async () => ({
    receipt: (await db.receipt.findUniqueOrThrow({ where: { id: receiptId } })).applied,
    items: await db.planItem.count({ where: { planId, appliedAt: { not: null } } }),
    accepted: await db.lead.count({ where: { workspaceId, status: "meeting_requested" } }),
    told: await db.auditEntry.count({ where: { receiptId, verb: "mismatch_accepted" } }),
  });
  expect(await state()).toEqual({ receipt: 200, items: 200, accepted: 200, told: 200 });
  await db.$executeRaw`ALTER TABLE "AuditEntry" DROP CONSTRAINT dies`;
  await applyPlan(world.deps, { planId }, NEVER);
  expect(await state()).toEqual({ receipt: 230, items: 230, accepted: 230, told: 230 });
});
