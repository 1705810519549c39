import { beforeAll, describe, expect, test } from "vitest";
import type { Role } from "#server/db/generated/enums.ts";
import type { Deps } from "#server/deps.ts";
import { SettableClock } from "#server/lib/clock.ts";
import { DAY_MS, HOUR_MS } from "#server/lib/duration.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import {
  buildAppointment,
  buildLead,
  buildMembership,
  buildTask,
  buildUser,
  buildWorkspace,
  TEST_NOW,
} from "#server/testing/factories.ts";
import { leadsRouter } from "./leads.ts";
import { redQueueRouter } from "./red-queue.ts";

const database = setUpTestDatabase();
const clock = new SettableClock(TEST_NOW);
const ago = (ms: number) => new Date(TEST_NOW.getTime() - ms);

let slug: string;
let workspaceId: string;

beforeAll(async () => {
  const workspace = await buildWorkspace(database.db);
  slug = workspace.slug;
  workspaceId = workspace.id;
});

async function signIn(role: Role | "stranger" | "admin") {
  const { db } = database;
  const user = await buildUser(db, { name: `${role} person` });
  if (role !== "stranger" && role !== "admin") {
    await buildMembership(db, { workspaceId, userId: user.id, role });
  }
  const ctx = {
    // Without a connection in the workspace no provider is ever called, and nothing else is needed.
    deps: { db, clock } as unknown as Deps,
    user: {
      id: user.id,
      name: user.name,
      email: user.email,
      isAdmin: role === "admin",
      timezone: null,
    },
  };
  return {
    userId: user.id,
    leads: leadsRouter.createCaller(ctx),
    redQueue: redQueueRouter.createCaller(ctx),
  };
}

const NOT_FOUND = { code: "NOT_FOUND" };

describe("who sees which lead (R42)", () => {
  test("a setter sees leads that are assigned to them or behind an open red task", async () => {
    const { db } = database;
    const setter = await signIn("setter");
    const assigned = await buildLead(db, { workspaceId, assignedToId: setter.userId });
    const red = await buildLead(db, { workspaceId });
    await buildTask(db, { leadId: red.id });
    const done = await buildLead(db, { workspaceId });
    await buildTask(db, { leadId: done.id, status: "completed", closedAt: TEST_NOW });
    const plain = await buildLead(db, { workspaceId, firstName: "Zelda", lastName: "Quiet" });

    const { rows, total } = await setter.leads.list({ workspace: slug });
    const ids = rows.map(({ id }) => id);
    expect(ids).toContain(assigned.id);
    expect(ids).toContain(red.id);
    expect(ids).not.toContain(done.id);
    expect(ids).not.toContain(plain.id);
    expect(total.value).toBe(rows.length);
    expect(await setter.leads.search({ workspace: slug, q: "zelda" })).toEqual([]);
    await expect(setter.leads.get({ workspace: slug, leadId: plain.id })).rejects.toMatchObject(NOT_FOUND);
    await expect(setter.leads.checkNow({ workspace: slug, leadId: plain.id })).rejects.toMatchObject(
      NOT_FOUND,
    );
    const { lead } = await setter.leads.get({ workspace: slug, leadId: assigned.id });
    expect(lead.id).toBe(assigned.id);
  });

  test.each(["inbox_manager", "ops_lead", "owner", "admin"] as const)("%s sees all leads", async (role) => {
    const lead = await buildLead(database.db, { workspaceId });
    const person = await signIn(role);
    expect((await person.leads.get({ workspace: slug, leadId: lead.id })).lead.id).toBe(lead.id);
  });

  test("a lead, a meeting and a task of another workspace are not found", async () => {
    const { db } = database;
    const owner = await signIn("owner");
    const lead = await buildLead(db);
    const meeting = await buildAppointment(db, { leadId: lead.id, startAt: ago(2 * HOUR_MS) });
    const task = await buildTask(db, { leadId: lead.id });
    const input = { workspace: slug, taskId: task.id };
    await expect(owner.leads.get({ workspace: slug, leadId: lead.id })).rejects.toMatchObject(NOT_FOUND);
    await expect(
      owner.leads.setAttendance({ workspace: slug, appointmentId: meeting.id, mark: "showed" }),
    ).rejects.toMatchObject(NOT_FOUND);
    await expect(owner.redQueue.get(input)).rejects.toMatchObject(NOT_FOUND);
    await expect(owner.redQueue.claim({ ...input, version: 1 })).rejects.toMatchObject(NOT_FOUND);
    await expect(owner.redQueue.renew(input)).rejects.toMatchObject(NOT_FOUND);
    await expect(owner.redQueue.release(input)).rejects.toMatchObject(NOT_FOUND);
    await expect(
      owner.redQueue.logOutcome({ ...input, version: 1, outcome: "no_answer" }),
    ).rejects.toMatchObject(NOT_FOUND);
    await expect(owner.redQueue.undoOutcome(input)).rejects.toMatchObject(NOT_FOUND);
    expect(await owner.redQueue.rows({ workspace: slug, ids: [task.id] })).toEqual([]);
  });

  test("a workspace that is not theirs does not exist for a stranger", async () => {
    const stranger = await signIn("stranger");
    await expect(stranger.leads.list({ workspace: slug })).rejects.toMatchObject(NOT_FOUND);
    await expect(stranger.redQueue.list({ workspace: slug, view: "all" })).rejects.toMatchObject(NOT_FOUND);
  });
});

describe("finding leads", () => {
  test("by the beginning of name or e-mail, and by the digits of the phone", async () => {
    const { db } = database;
    const owner = await signIn("owner");
    const lead = await buildLead(db, {
      workspaceId,
      firstName: "Ingrid",
      lastName: "Solberg",
      email: "Ingrid.S@Fjord.example",
      phone: "+47 912 34 567",
    });
    const search = async (q: string) =>
      (await owner.leads.search({ workspace: slug, q })).map(({ id }) => id);
    for (const q of ["ingr", "SOLB", "ingrid sol", "ingrid.s@fjord.example", "4791234567", "912 34 567"]) {
      expect(await search(q), q).toEqual([lead.id]);
    }
    for (const q of ["i", "%", "ngrid", "9999999"]) expect(await search(q), q).toEqual([]);
  });

  test("lists by status and meeting state, newest change first, page by page", async () => {
    const { db } = database;
    const { id, slug: other } = await buildWorkspace(db);
    const admin = await signIn("admin");
    await db.$executeRaw`
      INSERT INTO "Lead" ("workspaceId", email, status, "meetingState", "statusAt", "sentimentAt", "createdAt", "updatedAt")
      SELECT ${id}::uuid, 'page' || n || '@ridgeline.example', (CASE WHEN n % 2 = 0 THEN 'qualified' ELSE 'new' END)::"LeadStatus",
             (CASE WHEN n % 10 = 0 THEN 'canceled' ELSE 'none' END)::"MeetingState", ${TEST_NOW}, ${TEST_NOW}, ${TEST_NOW},
             ${TEST_NOW}::timestamptz - (n / 3) * interval '1 minute'
      FROM generate_series(1, 250) n`;
    const first = await admin.leads.list({ workspace: other });
    const second = await admin.leads.list({ workspace: other, cursor: first.next });
    const third = await admin.leads.list({ workspace: other, cursor: second.next });
    expect([first, second, third].map((page) => [page.from, page.rows.length])).toEqual([
      [1, 100],
      [101, 100],
      [201, 50],
    ]);
    expect(third.next).toBeNull();
    expect(new Set([first, second, third].flatMap((page) => page.rows.map((row) => row.id))).size).toBe(250);
    const back = await admin.leads.list({ workspace: other, cursor: third.prev });
    expect(back.rows).toEqual(second.rows);
    const lost = await admin.leads.list({ workspace: other, status: "qualified", meeting: "canceled" });
    expect(lost.total).toEqual({ value: 25, exact: true });
  });
});

describe("the lead page", () => {
  test("answers first, then shows evidence, claim and, to whom it may concern, acts in one timeline", async () => {
    const { db } = database;
    const owner = await signIn("owner");
    const lead = await buildLead(db, {
      workspaceId,
      status: "qualified",
      sentiment: "meeting_booked",
      sentimentAt: ago(20 * HOUR_MS),
      meetingState: "canceled",
      lostAt: ago(2 * HOUR_MS),
    });
    const meeting = await buildAppointment(db, {
      leadId: lead.id,
      status: "canceled",
      standing: "canceled",
      canceledAt: ago(2 * HOUR_MS),
      canceledByType: "invitee",
      cancelReason: "Something came up",
      providerCreatedAt: ago(3 * DAY_MS),
    });
    await db.lead.update({ where: { id: lead.id }, data: { primaryId: meeting.id } });
    await db.appointmentChange.create({
      data: {
        workspaceId,
        appointmentId: meeting.id,
        leadId: lead.id,
        at: ago(HOUR_MS),
        kind: "canceled",
        toStatus: "canceled",
        asOf: ago(HOUR_MS),
        source: "webhook",
      },
    });
    const task = await buildTask(db, { leadId: lead.id });
    const setter = await signIn("setter");
    const { version } = await setter.redQueue.claim({ workspace: slug, taskId: task.id, version: 1 });
    await setter.redQueue.logOutcome({ workspace: slug, taskId: task.id, version, outcome: "no_answer" });

    const page = await owner.leads.get({ workspace: slug, leadId: lead.id });
    expect(page.explanation.answer).toBe("not_booked");
    expect(page.explanation.sentences[0]?.evidenceIds).toEqual([meeting.id]);
    expect(page.timeline.map(({ basis, kind }) => `${basis} ${kind}`)).toEqual([
      "act task_outcome_logged",
      "evidence canceled",
      "claim meeting_booked",
      "evidence booked",
    ]);
    expect(page.timeline[1]).toMatchObject({
      at: ago(2 * HOUR_MS),
      provider: "calendly",
      source: "webhook",
      meeting: { quote: "Something came up" },
    });
    expect(page.tasks).toMatchObject([{ id: task.id, status: "snoozed" }]);

    const colleague = await signIn("setter");
    const theirs = await colleague.leads.get({ workspace: slug, leadId: lead.id });
    expect(theirs.timeline.map(({ basis }) => basis)).toEqual(["evidence", "claim", "evidence"]);

    const panel = await setter.redQueue.get({ workspace: slug, taskId: task.id });
    expect(panel.timeline.map(({ kind }) => kind)).toEqual(["canceled", "meeting_booked", "booked"]);
    expect(panel.audit.map(({ verb }) => verb)).toEqual(["task_outcome_logged", "task_claimed"]);
    expect(panel.effects[1]).toMatchObject({ outcome: "no_answer", effect: { attempt: 2 } });
  });

  test("a mark makes a held meeting a no-show with a red task, and taking it back undoes both", async () => {
    const { db } = database;
    const owner = await signIn("owner");
    const lead = await buildLead(db, { workspaceId, status: "meeting_booked", meetingState: "held" });
    const meeting = await buildAppointment(db, {
      leadId: lead.id,
      startAt: ago(3 * HOUR_MS),
      standing: "held",
    });
    const mark = (value: "no_show" | null) =>
      owner.leads.setAttendance({ workspace: slug, appointmentId: meeting.id, mark: value });
    await mark("no_show");
    expect(await db.lead.findUnique({ where: { id: lead.id } })).toMatchObject({
      meetingState: "no_show",
      status: "qualified",
    });
    const [task] = await db.task.findMany({ where: { leadId: lead.id } });
    expect(task).toMatchObject({ type: "meeting_no_show", status: "pending" });
    const changes = await db.appointmentChange.findMany({ where: { appointmentId: meeting.id } });
    expect(changes).toMatchObject([
      { kind: "marked", fromStatus: "confirmed", toStatus: "no_show", source: "operator", at: TEST_NOW },
    ]);

    await mark(null);
    expect(await db.task.findUnique({ where: { id: task?.id } })).toMatchObject({
      status: "completed",
      closedReason: "restored_by_evidence",
    });
    expect(await db.lead.findUnique({ where: { id: lead.id } })).toMatchObject({ meetingState: "held" });
  });

  test("a meeting that is not over takes no mark", async () => {
    const owner = await signIn("owner");
    const meeting = await buildAppointment(database.db, { workspaceId });
    await expect(
      owner.leads.setAttendance({ workspace: slug, appointmentId: meeting.id, mark: "showed" }),
    ).rejects.toMatchObject({ code: "CONFLICT", cause: { code: "not_over" } });
  });
});
