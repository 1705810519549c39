import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Deps } from "#server/deps.ts";
import { wakeTasks } from "#server/follow-ups/wake-tasks.ts";
import { SettableClock } from "#server/lib/clock.ts";
import { HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import {
  buildAppointment,
  buildInstance,
  buildLead,
  buildTask,
  buildUser,
  buildWorkspace,
  TEST_NOW,
} from "#server/testing/factories.ts";
import { claimTask, type Worker } from "./claim-task.ts";
import type { Outcome, OutcomeInput } from "./decide-outcome.ts";
import { logOutcome } from "./log-outcome.ts";
import { undoOutcome } from "./undo-outcome.ts";

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

/** Without a connection in the workspace no provider is ever called. */
function deps(): Deps {
  return { db: database.db, clock } as unknown as Deps;
}

async function buildClaimed(
  lead: Parameters<typeof buildLead>[1] = {},
  task: Parameters<typeof buildTask>[1] = {},
) {
  const { db } = database;
  const owner = await buildLead(db, {
    workspaceId: ana.workspaceId,
    status: "qualified",
    meetingState: "canceled",
    ...lead,
  });
  const appointment = await buildAppointment(db, {
    leadId: owner.id,
    status: "canceled",
    standing: "canceled",
    canceledAt: new Date(TEST_NOW.getTime() - 2 * HOUR_MS),
    canceledByType: "invitee",
  });
  const { id, version } = await buildTask(db, { leadId: owner.id, ...task });
  await db.taskMeeting.create({
    data: {
      taskId: id,
      appointmentId: appointment.id,
      kind: "canceled",
      lostAt: appointment.canceledAt,
      addedAt: TEST_NOW,
    },
  });
  const claim = await claimTask(deps(), ana, { taskId: id, version });
  return { taskId: id, version: claim.version, leadId: owner.id };
}

function readTask(id: string) {
  return database.db.task.findUniqueOrThrow({ where: { id } });
}

function readLead(id: string) {
  return database.db.lead.findUniqueOrThrow({ where: { id } });
}

test("no answer puts the task to sleep for two hours, without an owner", async () => {
  const { taskId, version } = await buildClaimed();
  const logged = await logOutcome(deps(), ana, { taskId, version, outcome: "no_answer" });
  expect(logged).toMatchObject({ version: version + 1, status: "snoozed" });
  expect(await readTask(taskId)).toMatchObject({
    status: "snoozed",
    dueAt: new Date(TEST_NOW.getTime() + 2 * HOUR_MS),
    attempts: 1,
    ownerId: null,
    leaseUntil: null,
    lastOutcome: "no_answer",
    lastOutcomeById: ana.userId,
    awaitsEvidence: false,
  });
});

test("the last try closes the task and says so", async () => {
  const { taskId, version } = await buildClaimed({}, { attempts: 5 });
  const logged = await logOutcome(deps(), ana, { taskId, version, outcome: "left_voicemail" });
  expect(logged).toMatchObject({ status: "completed", closedReason: "attempts_used" });
  expect(await readTask(taskId)).toMatchObject({ attempts: 6, closedById: ana.userId, closedAt: TEST_NOW });
});

test("not interested closes the task and changes the lead with its reason, the act before what follows", async () => {
  const { taskId, version, leadId } = await buildClaimed();
  await logOutcome(deps(), ana, { taskId, version, outcome: "not_interested", reason: "chose_other" });
  expect(await readLead(leadId)).toMatchObject({
    status: "not_interested",
    statusAt: TEST_NOW,
    statusSource: "operator",
  });
  const audit = await database.db.auditEntry.findMany({ where: { leadId }, orderBy: { id: "asc" } });
  expect(audit.map(({ verb }) => verb)).toEqual(["task_claimed", "task_outcome_logged", "lead_labeled"]);
  expect(audit[1]).toMatchObject({ actorId: ana.userId, reason: "chose_other" });
});

test("not interested leaves a blacklisted lead blacklisted", async () => {
  const { taskId, version, leadId } = await buildClaimed({ status: "blacklisted" });
  await logOutcome(deps(), ana, { taskId, version, outcome: "not_interested", reason: "no_need" });
  expect((await readLead(leadId)).status).toBe("blacklisted");
});

test("bad contact closes the task and flags the lead", async () => {
  const { taskId, version, leadId } = await buildClaimed();
  await logOutcome(deps(), ana, { taskId, version, outcome: "bad_contact" });
  expect(await readLead(leadId)).toMatchObject({ badContactAt: TEST_NOW, status: "qualified" });
  expect(await readTask(taskId)).toMatchObject({ closedReason: "bad_contact" });
});

test("re-booked with a live meeting closes on it", async () => {
  const { taskId, version, leadId } = await buildClaimed();
  const meeting = await buildAppointment(database.db, { leadId, standing: "live" });
  await logOutcome(deps(), ana, { taskId, version, outcome: "rebooked" });
  expect(await readTask(taskId)).toMatchObject({ status: "completed", closedReason: "rebooked" });
  const entry = await database.db.auditEntry.findFirstOrThrow({
    where: { subjectId: taskId, verb: "task_outcome_logged" },
  });
  expect(entry.after).toMatchObject({ appointmentId: meeting.id });
});

test("re-booked without a meeting sleeps a day and returns when no evidence comes", async () => {
  const { taskId, version, leadId } = await buildClaimed();
  // One that waits for its successor is none (R16).
  await buildAppointment(database.db, { leadId, standing: "live", status: "rescheduled" });
  await logOutcome(deps(), ana, { taskId, version, outcome: "rebooked" });
  expect(await readTask(taskId)).toMatchObject({ status: "snoozed", awaitsEvidence: true });

  const wake = (now: Date) => database.db.$transaction((tx) => wakeTasks(tx, now));
  await wake(new Date(TEST_NOW.getTime() + 24 * HOUR_MS - 1));
  expect((await readTask(taskId)).status).toBe("snoozed");
  await wake(new Date(TEST_NOW.getTime() + 24 * HOUR_MS));
  expect(await readTask(taskId)).toMatchObject({
    status: "pending",
    awaitsEvidence: false,
    lastOutcome: "rebooked",
  });
});

test("already booked asks the providers and then waits like re-booked", async () => {
  const { taskId, version } = await buildClaimed();
  const logged = await logOutcome(deps(), ana, { taskId, version, outcome: "already_booked" });
  expect(logged).toMatchObject({ status: "snoozed", awaitsEvidence: true, providersAsked: true });
});

test("already booked is recorded on a task that the evidence closed first", async () => {
  const { taskId, version } = await buildClaimed();
  await database.db.task.update({
    where: { id: taskId },
    data: {
      status: "completed",
      closedAt: TEST_NOW,
      closedReason: "rebooked_by_evidence",
      version: { increment: 1 },
    },
  });
  const logged = await logOutcome(deps(), ana, { taskId, version, outcome: "already_booked" });
  expect(logged).toMatchObject({ closedReason: "rebooked_by_evidence", undoUntil: null });
  await expect(undoOutcome(deps(), ana, taskId)).rejects.toMatchObject({ code: "nothing_to_undo" });
});

test("a moved meeting is looked at and done", async () => {
  const { taskId, version } = await buildClaimed({ meetingState: "booked" }, { type: "meeting_rescheduled" });
  await logOutcome(deps(), ana, { taskId, version, outcome: "looked_at" });
  expect(await readTask(taskId)).toMatchObject({
    status: "completed",
    closedReason: "looked_at",
    lastOutcome: null,
  });
});

describe("refuses and writes nothing", () => {
  test.each<{ sentence: string; input: OutcomeInput; code: string }>([
    { sentence: "a call back without a time", input: { outcome: "call_back" }, code: "time_needed" },
    {
      sentence: "a call back in the past",
      input: { outcome: "call_back", at: new Date(TEST_NOW.getTime() - 1) },
      code: "time_passed",
    },
    {
      sentence: "not interested without a reason",
      input: { outcome: "not_interested" },
      code: "reason_needed",
    },
    {
      sentence: "a meeting that is not live",
      input: { outcome: "rebooked", appointmentId: "00000000-0000-4000-8000-000000000000" },
      code: "meeting_not_live",
    },
  ])("$sentence", async ({ input, code }) => {
    const { taskId, version } = await buildClaimed();
    const before = await readTask(taskId);
    await expect(logOutcome(deps(), ana, { taskId, version, ...input })).rejects.toMatchObject({
      code,
      status: 400,
    });
    expect(await readTask(taskId)).toEqual(before);
  });

  test("an outcome on somebody else's claim", async () => {
    const { taskId, version } = await buildClaimed();
    await expect(logOutcome(deps(), sam, { taskId, version, outcome: "no_answer" })).rejects.toMatchObject({
      code: "task_claimed",
      details: { who: { name: "Ana Silva" } },
    });
  });

  test("the second of two outcomes, and says what the first one was", async () => {
    const { taskId, version } = await buildClaimed();
    await logOutcome(deps(), ana, { taskId, version, outcome: "bad_contact" });
    await expect(logOutcome(deps(), sam, { taskId, version, outcome: "no_answer" })).rejects.toMatchObject({
      code: "task_closed",
      details: { who: { name: "Ana Silva" }, what: "bad_contact", when: TEST_NOW },
    });
  });

  test("one key pressed twice: the second finds a newer version", async () => {
    const { taskId, version } = await buildClaimed();
    const results = await Promise.allSettled([
      logOutcome(deps(), ana, { taskId, version, outcome: "no_answer" }),
      logOutcome(deps(), ana, { taskId, version, outcome: "no_answer" }),
    ]);
    expect(results.map((r) => r.status).sort()).toEqual(["fulfilled", "rejected"]);
    expect((await readTask(taskId)).attempts).toBe(1);
  });
});

describe("not interested and running sequences (R28)", () => {
  test("they end at once, and an undo lets them go on where they stood", async () => {
    const { taskId, version, leadId } = await buildClaimed();
    const active = await buildInstance(database.db, { leadId });
    const paused = await buildInstance(database.db, { leadId, status: "paused", reason: "lead_replied" });
    const load = () => database.db.followUpInstance.findMany({ where: { leadId }, orderBy: { id: "asc" } });
    const before = await load();
    await logOutcome(deps(), ana, { taskId, version, outcome: "not_interested", reason: "no_need" });
    for (const { status, reason, endedAt, nextStepAt } of await load()) {
      expect({ status, reason, endedAt, nextStepAt }).toEqual({
        status: "canceled",
        reason: "lead_not_interested",
        endedAt: TEST_NOW,
        nextStepAt: null,
      });
    }
    await undoOutcome(deps(), ana, taskId);
    expect(await load()).toEqual(before);
    expect(before.map(({ id }) => id).sort()).toEqual([active.id, paused.id].sort());
  });
});

describe("undo", () => {
  const OUTCOMES: { outcome: Outcome; input?: Partial<OutcomeInput> }[] = [
    { outcome: "rebooked" },
    { outcome: "no_answer" },
    { outcome: "left_voicemail" },
    { outcome: "call_back", input: { at: new Date(TEST_NOW.getTime() + 5 * HOUR_MS) } },
    { outcome: "not_interested", input: { reason: "bad_timing" } },
    { outcome: "bad_contact" },
    { outcome: "already_booked" },
  ];

  test.each(OUTCOMES)(
    "puts back every field after $outcome, claim and lead included",
    async ({ outcome, input }) => {
      const { taskId, version, leadId } = await buildClaimed(
        { status: "meeting_requested", statusSource: "webhook" },
        { attempts: 2, lastOutcome: "left_voicemail", lastOutcomeAt: TEST_NOW, lastOutcomeById: sam.userId },
      );
      const before = { task: await readTask(taskId), lead: await readLead(leadId) };
      clock.advance(MINUTE_MS);
      await logOutcome(deps(), ana, { taskId, version, outcome, ...input });
      clock.advance(9 * MINUTE_MS);
      const undone = await undoOutcome(deps(), ana, taskId);

      const after = { task: await readTask(taskId), lead: await readLead(leadId) };
      const still = <T extends { version: number; updatedAt: Date }>({ version, updatedAt, ...rest }: T) =>
        rest;
      expect(still(after.task)).toEqual(still(before.task));
      // The rollup follows the evidence; the operator's words are what an undo puts back.
      const { status, statusAt, statusSource, badContactAt, sentiment, sentimentAt } = before.lead;
      const words = { status, statusAt, statusSource, badContactAt, sentiment, sentimentAt };
      expect(after.lead).toMatchObject(words);
      expect(undone.version).toBe(after.task.version);
    },
  );

  test("is its author's alone, and only for ten minutes", async () => {
    const { taskId, version } = await buildClaimed();
    await logOutcome(deps(), ana, { taskId, version, outcome: "no_answer" });
    await expect(undoOutcome(deps(), sam, taskId)).rejects.toMatchObject({ code: "undo_not_yours" });
    clock.advance(10 * MINUTE_MS + 1);
    await expect(undoOutcome(deps(), ana, taskId)).rejects.toMatchObject({ code: "undo_expired" });
  });

  test("is not possible twice", async () => {
    const { taskId, version } = await buildClaimed();
    await logOutcome(deps(), ana, { taskId, version, outcome: "no_answer" });
    await undoOutcome(deps(), ana, taskId);
    await expect(undoOutcome(deps(), ana, taskId)).rejects.toMatchObject({ code: "nothing_to_undo" });
  });

  test("does not take back what moved on", async () => {
    const { taskId, version } = await buildClaimed();
    const { version: snoozed } = await logOutcome(deps(), ana, { taskId, version, outcome: "no_answer" });
    await claimTask(deps(), sam, { taskId, version: snoozed });
    await expect(undoOutcome(deps(), ana, taskId)).rejects.toMatchObject({ code: "undo_overtaken" });
  });

  test("never turns red what is green by now", async () => {
    const { taskId, version, leadId } = await buildClaimed();
    await logOutcome(deps(), ana, { taskId, version, outcome: "bad_contact" });
    await buildAppointment(database.db, { leadId, providerCreatedAt: TEST_NOW });
    await undoOutcome(deps(), ana, taskId);
    expect(await readTask(taskId)).toMatchObject({
      status: "completed",
      closedReason: "rebooked_by_evidence",
    });
    expect((await readLead(leadId)).badContactAt).toBeNull();
  });

  test("can be followed by another outcome", async () => {
    const { taskId, version } = await buildClaimed();
    await logOutcome(deps(), ana, { taskId, version, outcome: "no_answer" });
    const { version: restored } = await undoOutcome(deps(), ana, taskId);
    const again = await logOutcome(deps(), ana, { taskId, version: restored, outcome: "left_voicemail" });
    expect(again).toMatchObject({ status: "snoozed" });
  });
});
