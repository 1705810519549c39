import { beforeAll, beforeEach, expect, test } from "vitest";
import { SettableClock } from "#server/lib/clock.ts";
import { MINUTE_MS } from "#server/lib/duration.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildTask, buildUser, buildWorkspace, TEST_NOW } from "#server/testing/factories.ts";
import { claimNext, claimTask, releaseTask, renewClaim, type Worker } from "./claim-task.ts";

const database = setUpTestDatabase();
const clock = new SettableClock(TEST_NOW);
let ana: Worker;
let sam: Worker;

beforeAll(async () => {
  const { id: workspaceId } = await buildWorkspace(database.db);
  const base = { workspaceId, workspaceZone: "America/Chicago" };
  ana = { ...base, userId: (await buildUser(database.db, { name: "Ana Silva" })).id };
  sam = { ...base, userId: (await buildUser(database.db, { name: "Sam Kim" })).id };
});

beforeEach(() => clock.set(TEST_NOW));

function deps() {
  return { db: database.db, clock };
}

function buildOwnTask() {
  return buildTask(database.db, { workspaceId: ana.workspaceId });
}

test("gives a task that two claim at once to one of them, and tells the other who", async () => {
  const tasks = await Promise.all(Array.from({ length: 20 }, buildOwnTask));
  for (const { id, version } of tasks) {
    const results = await Promise.allSettled([
      claimTask(deps(), ana, { taskId: id, version }),
      claimTask(deps(), sam, { taskId: id, version }),
    ]);
    const won = results.findIndex((r) => r.status === "fulfilled");
    const lost = results[1 - won];
    expect(results.filter((r) => r.status === "fulfilled")).toHaveLength(1);
    const winner = won === 0 ? { id: ana.userId, name: "Ana Silva" } : { id: sam.userId, name: "Sam Kim" };
    expect(lost).toMatchObject({
      reason: {
        code: "task_claimed",
        status: 409,
        details: { who: winner, what: "claimed", when: TEST_NOW },
      },
    });
    const row = await database.db.task.findUniqueOrThrow({ where: { id } });
    expect(row).toMatchObject({ ownerId: winner.id, version: version + 1 });
  }
});

test("renews on activity without moving the version", async () => {
  const { id, version } = await buildOwnTask();
  const claim = await claimTask(deps(), ana, { taskId: id, version });
  clock.advance(8 * MINUTE_MS);
  const renewed = await renewClaim(deps(), ana, id);
  expect(renewed).toEqual({
    id,
    version: claim.version,
    leaseUntil: new Date(TEST_NOW.getTime() + 18 * MINUTE_MS),
  });
});

test("lets go after ten minutes: the owner must claim again, and others may", async () => {
  const { id, version } = await buildOwnTask();
  const claim = await claimTask(deps(), ana, { taskId: id, version });
  clock.advance(10 * MINUTE_MS);
  await expect(renewClaim(deps(), ana, id)).rejects.toMatchObject({ code: "claim_lapsed" });
  const taken = await claimTask(deps(), sam, { taskId: id, version: claim.version });
  expect(taken.version).toBe(claim.version + 1);
  await expect(renewClaim(deps(), ana, id)).rejects.toMatchObject({
    code: "task_claimed",
    details: { who: { name: "Sam Kim" } },
  });
});

test("releases what is held, and changes nothing where nothing is", async () => {
  const { id, version } = await buildOwnTask();
  const claim = await claimTask(deps(), ana, { taskId: id, version });
  expect(await releaseTask(deps(), sam, id)).toEqual({ id, version: claim.version });
  const released = await releaseTask(deps(), ana, id);
  expect(released.version).toBe(claim.version + 1);
  const row = await database.db.task.findUniqueOrThrow({ where: { id } });
  expect(row).toMatchObject({ ownerId: null, leaseUntil: null });
});

test("refuses a claim on what changed since it was seen", async () => {
  const { id, version } = await buildOwnTask();
  await expect(claimTask(deps(), ana, { taskId: id, version: version - 1 })).rejects.toMatchObject({
    code: "task_changed",
    status: 409,
  });
});

test("does not know the tasks of another workspace", async () => {
  const foreign = await buildTask(database.db);
  await expect(
    claimTask(deps(), ana, { taskId: foreign.id, version: foreign.version }),
  ).rejects.toMatchObject({ code: "not_found" });
});

test("claims the next one in the queue's order, each person a different one", async () => {
  const { id: workspaceId } = await buildWorkspace(database.db);
  const overdue = await buildTask(database.db, {
    workspaceId,
    dueAt: new Date(TEST_NOW.getTime() - MINUTE_MS),
  });
  const due = await buildTask(database.db, { workspaceId, dueAt: new Date(TEST_NOW.getTime() + MINUTE_MS) });
  const [first, second] = [
    await claimNext(deps(), { ...ana, workspaceId }),
    await claimNext(deps(), { ...sam, workspaceId }),
  ];
  expect([first?.id, second?.id]).toEqual([overdue.id, due.id]);
  expect(await claimNext(deps(), { ...sam, workspaceId })).toBeNull();
});

test("leaves a trace and a live event of each claim", async () => {
  const { id, version } = await buildOwnTask();
  await claimTask(deps(), ana, { taskId: id, version });
  const audit = await database.db.auditEntry.findMany({ where: { subjectId: id } });
  expect(audit).toMatchObject([{ verb: "task_claimed", actorId: ana.userId, at: TEST_NOW }]);
  const events = await database.db.outboxEvent.findMany({ where: { ids: { has: id } } });
  expect(events).toMatchObject([{ kind: "task", workspaceId: ana.workspaceId }]);
});
