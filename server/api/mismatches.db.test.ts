import { beforeEach, describe, expect, test } from "vitest";
import type { Role } from "#server/db/generated/enums.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { addDays } from "#server/lib/duration.ts";
import { applyPlan } from "#server/mismatches/apply-plan.ts";
import {
  buildClaim,
  buildLateLabel,
  buildMismatchWorld,
  buildMissedMeeting,
  readWorld,
} from "#server/mismatches/testing/mismatch-world.ts";
import { convergeLeads } from "#server/reconcile/converge-leads.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import {
  buildAppointment,
  buildLead,
  buildMembership,
  buildUser,
  TEST_NOW,
} from "#server/testing/factories.ts";
import { mismatchesRouter } from "./mismatches.ts";

const database = setUpTestDatabase();

let world: Awaited<ReturnType<typeof buildMismatchWorld>>;
beforeEach(async () => {
  world = await buildMismatchWorld(database.db);
});

/** The procedures as a person of this role in this workspace meets them. */
async function callAs(role: Role | "admin" | "stranger") {
  const user = await buildUser(database.db);
  if (role !== "admin" && role !== "stranger") {
    await buildMembership(database.db, { workspaceId: world.workspaceId, userId: user.id, role });
  }
  const { id, name, email } = user;
  // What these procedures take of it is there; the rest belongs to other screens.
  const deps = world.deps as unknown as Deps;
  const api = mismatchesRouter.createCaller({
    deps,
    user: { id, name, email, isAdmin: role === "admin", timezone: null },
  });
  return { api, user };
}

const tab = "1" as const;
const listInput = { tab, sort: { by: "age", direction: "desc" } } as const;

describe("one decision on one lead", () => {
  test("accepting leaves a receipt, and its undo restores every field", async () => {
    const { db } = database;
    const { workspaceId, slug: workspace } = world;
    const { api } = await callAs("inbox_manager");
    const lead = await buildMissedMeeting(db, workspaceId);
    const before = await readWorld(db, workspaceId);
    const { version, ifAccepted } = await api.get({ workspace, leadId: lead.id });
    expect(ifAccepted).toMatchObject({
      status: { before: "qualified", after: "meeting_booked" },
      sentiment: { before: "interested", after: "meeting_booked" },
      sequencesStopped: [expect.stringMatching(/Gentle nudge/)],
      redTask: "closes",
      mayEnrolAgain: false,
    });
    const { receiptId } = await api.decide({ workspace, leadId: lead.id, version, decision: "accept" });
    const accepted = await db.lead.findUniqueOrThrow({ where: { id: lead.id } });
    expect(accepted).toMatchObject({
      status: "meeting_booked",
      mismatchKind: null,
      statusSource: "operator",
    });
    expect(await api.receipt({ workspace, receiptId })).toMatchObject({ applied: 1, lead: { id: lead.id } });
    expect(await api.undo({ workspace, receiptId })).toMatchObject({ state: "undone", restored: 1 });
    expect(await readWorld(db, workspaceId)).toEqual(before);
  });

  test("keeping takes it off the list until there is new evidence", async () => {
    const { db } = database;
    const { workspaceId, slug: workspace } = world;
    const { api } = await callAs("ops_lead");
    const lead = await buildClaim(db, workspaceId);
    const shown = async (on: "1" | "2") => (await api.list({ workspace, ...listInput, tab: on })).rows.length;
    expect(await shown("1")).toBe(1);
    await api.decide({
      workspace,
      leadId: lead.id,
      version: 1,
      decision: "keep",
      reason: "booked_elsewhere",
    });
    expect(await shown("1")).toBe(0);
    expect(await db.lead.findUniqueOrThrow({ where: { id: lead.id } })).toMatchObject({
      sentiment: "meeting_booked",
      decision: "keep",
      decisionReason: "booked_elsewhere",
    });
    await buildAppointment(db, { leadId: lead.id, status: "canceled", canceledAt: addDays(TEST_NOW, -5) });
    await runTransaction(db, "new evidence", (tx) =>
      convergeLeads(tx, [lead.id], {
        workspaceId,
        source: "reconcile",
        now: TEST_NOW,
        reason: "sweep",
        skipSideEffects: true,
      }),
    );
    expect((await api.list({ workspace, ...listInput, tab: "3" })).rows.map((row) => row.id)).toEqual([
      lead.id,
    ]);
  });

  test("needs info waits on its own tab until its date", async () => {
    const { workspaceId, slug: workspace } = world;
    const { api } = await callAs("ops_lead");
    const lead = await buildClaim(database.db, workspaceId);
    const until = addDays(TEST_NOW, 1).toISOString();
    await api.decide({ workspace, leadId: lead.id, version: 1, decision: "needs_info", until });
    const tabs = async () => (await api.counts({ workspace, tab })).tabs;
    expect(await tabs()).toMatchObject({ "1": 0, needs_info: 1 });
    world.clock.set(addDays(TEST_NOW, 1));
    expect(await tabs()).toMatchObject({ "1": 1, needs_info: 0 });
  });

  test("a protected lead is accepted with a reason only", async () => {
    const { db } = database;
    const { workspaceId, slug: workspace } = world;
    const { api } = await callAs("inbox_manager");
    const lead = await buildClaim(db, workspaceId, { status: "blacklisted" });
    const accept = { workspace, leadId: lead.id, version: 1, decision: "accept" } as const;
    await expect(api.decide(accept)).rejects.toMatchObject({ cause: { code: "reason_required" } });
    await api.decide({ ...accept, reason: "set_by_mistake" });
    expect(await db.lead.findUniqueOrThrow({ where: { id: lead.id } })).toMatchObject({
      status: "meeting_requested",
    });
  });

  test("a claim that nobody has checked cannot be accepted", async () => {
    const { workspaceId, slug: workspace } = world;
    const { api } = await callAs("ops_lead");
    const lead = await buildClaim(database.db, workspaceId, { claimCheckedAt: null });
    const accept = api.decide({ workspace, leadId: lead.id, version: 1, decision: "accept" });
    await expect(accept).rejects.toMatchObject({ cause: { code: "not_checked" } });
  });

  test("of two who decide at once the second learns who, what and when", async () => {
    const { workspaceId, slug: workspace } = world;
    const [first, second] = [await callAs("ops_lead"), await callAs("owner")];
    const lead = await buildClaim(database.db, workspaceId);
    const decide = { workspace, leadId: lead.id, version: 1, decision: "accept" } as const;
    const results = await Promise.allSettled([first.api.decide(decide), second.api.decide(decide)]);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const winner = results[0].status === "fulfilled" ? first.user : second.user;
    expect(results.find(({ status }) => status === "rejected")).toMatchObject({
      reason: {
        cause: { code: "decided_meanwhile", details: { who: winner.name, what: "accept", when: TEST_NOW } },
      },
    });
  });
});

describe("who may", () => {
  test("a setter sees nothing here, an inbox manager decides one by one and never in bulk", async () => {
    const { db } = database;
    const { workspaceId, slug: workspace } = world;
    const lead = await buildClaim(db, workspaceId);
    const scope = { filter: { tab } };
    const forbidden = { cause: { code: "forbidden" } };
    const setter = (await callAs("setter")).api;
    await expect(setter.list({ workspace, ...listInput })).rejects.toMatchObject(forbidden);
    const inbox = (await callAs("inbox_manager")).api;
    expect((await inbox.list({ workspace, ...listInput })).rows).toHaveLength(1);
    await expect(inbox.preview({ workspace, scope })).rejects.toMatchObject(forbidden);
    await expect(inbox.commit({ workspace, token: "a.b", idempotencyKey: "12345678" })).rejects.toMatchObject(
      forbidden,
    );
    await inbox.decide({ workspace, leadId: lead.id, version: 1, decision: "accept" });
    const ops = (await callAs("ops_lead")).api;
    await buildClaim(db, workspaceId);
    expect(await ops.preview({ workspace, scope })).toMatchObject({ willChange: 1 });
  });

  test("a stranger's workspace and a foreign id do not exist", async () => {
    const { db } = database;
    const notFound = { cause: { code: "not_found" } };
    const other = await buildMismatchWorld(db);
    const lead = await buildClaim(db, other.workspaceId);
    const stranger = (await callAs("stranger")).api;
    await expect(stranger.list({ workspace: world.slug, ...listInput })).rejects.toMatchObject(notFound);
    const { api } = await callAs("owner");
    const workspace = world.slug;
    const leadId = lead.id;
    await expect(api.get({ workspace, leadId })).rejects.toMatchObject(notFound);
    await expect(api.recheck({ workspace, leadId })).rejects.toMatchObject(notFound);
    await expect(api.decide({ workspace, leadId, version: 1, decision: "accept" })).rejects.toMatchObject(
      notFound,
    );
    await expect(api.receipt({ workspace, receiptId: leadId })).rejects.toMatchObject(notFound);
    await expect(api.undo({ workspace, receiptId: leadId })).rejects.toMatchObject(notFound);
    await expect(api.newer({ workspace, token: `${leadId}.0` })).rejects.toMatchObject(notFound);
  });
});

test("counts what came after a preview and is not part of it", async () => {
  const { db } = database;
  const { workspaceId, slug: workspace } = world;
  const { api } = await callAs("ops_lead");
  await buildClaim(db, workspaceId);
  const { token } = await api.preview({ workspace, scope: { filter: { tab } } });
  expect(await api.newer({ workspace, token })).toMatchObject({ newerThanFreeze: 0 });
  await buildClaim(db, workspaceId, { updatedAt: addDays(TEST_NOW, 1) });
  expect(await api.newer({ workspace, token })).toMatchObject({ newerThanFreeze: 1 });
  await api.commit({ workspace, token, idempotencyKey: "newer-0001" });
  expect(await api.running({ workspace })).toMatchObject([{ state: "applying", done: 0, total: 1 }]);
  await applyPlan(world.deps, { planId: token.split(".")[0] ?? "" }, new AbortController().signal);
  expect(await api.running({ workspace })).toEqual([]);
  expect((await api.list({ workspace, ...listInput })).rows).toHaveLength(1);
});

test("announces one by one exactly what accepting a late label does", async () => {
  const { db } = database;
  const { workspaceId, slug: workspace } = world;
  const { api } = await callAs("ops_lead");
  const lead = await buildLateLabel(db, workspaceId);
  const { version, ifAccepted } = await api.get({ workspace, leadId: lead.id });
  expect(ifAccepted).toMatchObject({
    status: { before: "meeting_booked", after: "qualified" },
    sentiment: null,
    redTask: "opens",
    mayEnrolAgain: true,
  });
  await api.decide({ workspace, leadId: lead.id, version, decision: "accept" });
  const tasks = await db.task.findMany({ where: { leadId: lead.id } });
  expect(tasks).toMatchObject([{ type: "meeting_canceled", status: "pending" }]);
  const instances = await db.followUpInstance.findMany({ where: { leadId: lead.id } });
  expect(instances).toMatchObject([{ status: "canceled" }]);
});

describe("attendance that nobody recorded (kind 5)", () => {
  test("has a tab of its own behind the other four, an explanation, and nothing to accept", async () => {
    const { db } = database;
    const { workspaceId, slug: workspace } = world;
    const { api } = await callAs("inbox_manager");
    const endedAt = addDays(TEST_NOW, -3);
    const held = {
      workspaceId,
      meetingState: "held",
      meetingStatus: "confirmed",
      meetingEndAt: endedAt,
      attendanceUnrecorded: true,
    } as const;
    const lead = await buildLead(db, { ...held, status: "meeting_booked" });
    const contradicted = await buildLead(db, { ...held, status: "qualified", meetingChangedAt: endedAt });
    const list = (on: "2" | "5") => api.list({ workspace, ...listInput, tab: on });
    expect((await list("5")).rows).toMatchObject([
      { id: lead.id, kind: 5, since: endedAt, cause: null, suggested: "recheck" },
    ]);
    expect((await list("2")).rows.map(({ id }) => id)).toContain(contradicted.id);
    expect((await api.counts({ workspace, tab })).tabs).toMatchObject({ "5": 1 });
    const { version, ...detail } = await api.get({ workspace, leadId: lead.id });
    expect(detail).toMatchObject({ kind: 5, since: endedAt, ifAccepted: null });
    await expect(
      api.decide({ workspace, leadId: lead.id, version, decision: "accept" }),
    ).rejects.toMatchObject({ cause: { code: "no_mismatch" } });
  });
});
