import { beforeAll, describe, expect, test } from "vitest";
import { SettableClock } from "#server/lib/clock.ts";
import { HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import {
  buildAppointment,
  buildLead,
  buildTask,
  buildUser,
  buildWorkspace,
  TEST_NOW,
} from "#server/testing/factories.ts";
import { listRedTasks, type QueueQuery } from "./queries.ts";
import type { QueueView } from "./queue-order.ts";

const database = setUpTestDatabase();
/** 10:00 in Chicago, 11:00 in New York, 8:00 in Los Angeles, midnight in Tokyo. */
const clock = new SettableClock(TEST_NOW);

function minutes(count: number): Date {
  return new Date(TEST_NOW.getTime() + count * MINUTE_MS);
}

async function buildDesk() {
  const { id: workspaceId } = await buildWorkspace(database.db);
  const { id: userId } = await buildUser(database.db, { name: "Ana Silva" });
  return { workspaceId, userId, workspaceZone: "America/Chicago", userZone: null };
}
type Desk = Awaited<ReturnType<typeof buildDesk>>;

async function buildLost(
  desk: Desk,
  {
    lead = {},
    task = {},
    lostMinutesAgo = 60,
    meetings = 1,
  }: {
    lead?: Parameters<typeof buildLead>[1];
    task?: Parameters<typeof buildTask>[1];
    lostMinutesAgo?: number;
    meetings?: number;
  } = {},
) {
  const { db } = database;
  const owner = await buildLead(db, { workspaceId: desk.workspaceId, ...lead });
  const row = await buildTask(db, { leadId: owner.id, dueAt: minutes(30), ...task });
  for (let index = 0; index < meetings; index++) {
    const canceledAt = minutes(-lostMinutesAgo - index * 10);
    const appointment = await buildAppointment(db, {
      leadId: owner.id,
      status: "canceled",
      canceledAt,
      canceledByType: "invitee",
      cancelReason: `Reason ${index}`,
    });
    await db.taskMeeting.create({
      data: {
        taskId: row.id,
        appointmentId: appointment.id,
        kind: "canceled",
        lostAt: canceledAt,
        addedAt: TEST_NOW,
      },
    });
  }
  return row.id;
}

function list(desk: Desk, query: Partial<QueueQuery> = {}) {
  return listRedTasks({ db: database.db, clock }, desk, {
    view: "unclaimed",
    q: "",
    sort: "next",
    dir: "asc",
    cursor: null,
    ...query,
  });
}

test("orders overdue first, then who can be called now, then the newest loss", async () => {
  const desk = await buildDesk();
  const asleep = await buildLost(desk, { lead: { timezone: "Asia/Tokyo" }, lostMinutesAgo: 5 });
  const older = await buildLost(desk, { lead: { timezone: "America/New_York" }, lostMinutesAgo: 90 });
  const newer = await buildLost(desk, { lead: { timezone: null }, lostMinutesAgo: 20 });
  const overdueAsleep = await buildLost(desk, {
    lead: { timezone: "America/Los_Angeles" },
    task: { dueAt: minutes(-90) },
    lostMinutesAgo: 1,
  });
  const overdue = await buildLost(desk, { task: { dueAt: minutes(-1) }, lostMinutesAgo: 300 });
  const page = await list(desk);
  expect(page.rows.map(({ id }) => id)).toEqual([overdue, overdueAsleep, newer, older, asleep]);
  expect(page.nextReason).toEqual({ taskId: overdue, because: "overdue" });
});

test("a zone that no clock knows neither fails the list nor counts as its own", async () => {
  const desk = await buildDesk();
  const odd = await buildLost(desk, { lead: { timezone: "Nowhere/Land" }, lostMinutesAgo: 5 });
  const known = await buildLost(desk, { lead: { timezone: "Asia/Tokyo" }, lostMinutesAgo: 1 });
  const page = await list(desk);
  expect(page.rows.map(({ id }) => id)).toEqual([odd, known]);
  expect(page.rows[0]?.callable.isCallable).toBe(true);
});

test("a row says what a setter needs before dialing", async () => {
  const desk = await buildDesk();
  const id = await buildLost(desk, {
    lead: { firstName: "Dana", lastName: "Ruiz", company: "Northwind Supply", timezone: "America/Denver" },
    task: { attempts: 2, lastOutcome: "no_answer", lastOutcomeAt: minutes(-60) },
    meetings: 2,
    lostMinutesAgo: 120,
  });
  const { rows } = await list(desk);
  expect(rows).toMatchObject([
    {
      id,
      version: 1,
      red: "lost",
      lead: { name: "Dana Ruiz", company: "Northwind Supply", timezone: "America/Denver" },
      happened: { kind: "canceled_by_lead", at: minutes(-120), quote: "Reason 0", provider: "calendly" },
      meetings: 2,
      attempts: 2,
      owner: null,
      callable: { isCallable: true },
    },
  ]);
});

test("a moved meeting tells when it used to be", async () => {
  const { db } = database;
  const desk = await buildDesk();
  const lead = await buildLead(db, { workspaceId: desk.workspaceId, meetingState: "booked" });
  const old = await buildAppointment(db, { leadId: lead.id, status: "rescheduled", startAt: minutes(60) });
  const next = await buildAppointment(db, {
    leadId: lead.id,
    rescheduledFromId: old.providerId,
    startAt: minutes(600),
  });
  const task = await buildTask(db, { leadId: lead.id, type: "meeting_rescheduled" });
  await db.taskMeeting.create({
    data: { taskId: task.id, appointmentId: next.id, kind: "moved", addedAt: TEST_NOW },
  });
  const { rows } = await list(desk, { view: "moved" });
  expect(rows).toMatchObject([{ red: "moved", happened: { kind: "moved", wasAt: minutes(60) } }]);
});

describe("tabs", () => {
  let desk: Desk;
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    desk = await buildDesk();
    const other = await buildUser(database.db, { name: "Sam Kim" });
    ids.free = await buildLost(desk);
    ids.mine = await buildLost(desk, { task: { ownerId: desk.userId, leaseUntil: minutes(5) } });
    ids.theirs = await buildLost(desk, { task: { ownerId: other.id, leaseUntil: minutes(5) } });
    ids.lapsed = await buildLost(desk, { task: { ownerId: other.id, leaseUntil: TEST_NOW } });
    ids.asleep = await buildLost(desk, { task: { status: "snoozed", dueAt: minutes(90) } });
    ids.moved = await buildLost(desk, { task: { type: "meeting_rescheduled" } });
    ids.done = await buildLost(desk, {
      task: {
        status: "completed",
        closedAt: minutes(-5),
        closedReason: "rebooked_by_evidence",
        lastOutcome: "already_booked",
        lastOutcomeAt: minutes(-5),
        lastOutcomeById: desk.userId,
      },
    });
    ids.doneBefore = await buildLost(desk, {
      task: { status: "completed", closedAt: minutes(-24 * 60), closedReason: "bad_contact" },
    });
  });

  test.each<{ view: QueueView; holds: string[] }>([
    { view: "mine", holds: ["mine"] },
    { view: "unclaimed", holds: ["free", "lapsed"] },
    { view: "all", holds: ["free", "mine", "theirs", "lapsed"] },
    { view: "moved", holds: ["moved"] },
    { view: "snoozed", holds: ["asleep"] },
    { view: "done_today", holds: ["done"] },
  ])("$view holds $holds, and its count says so", async ({ view, holds }) => {
    const page = await list(desk, { view });
    expect(new Set(page.rows.map(({ id }) => id))).toEqual(new Set(holds.map((name) => ids[name])));
    expect(page.counts[view]).toBe(holds.length);
    expect(page.total).toEqual({ value: holds.length, exact: true });
  });

  test("the strip counts one's own day", async () => {
    const { strip } = await list(desk);
    expect(strip).toMatchObject({ worked: 1, rebooked: 1, hasHistory: true, nextSnoozedAt: minutes(90) });
    expect(strip.oldestUnclaimedAt).toEqual(minutes(-60));
  });

  test("nothing of another workspace is seen or counted", async () => {
    const { rows, counts, strip } = await list(await buildDesk(), { view: "all" });
    expect(rows).toEqual([]);
    expect(counts).toEqual({ mine: 0, unclaimed: 0, all: 0, moved: 0, snoozed: 0, done_today: 0 });
    expect(strip.hasHistory).toBe(false);
  });
});

test("filters by name, company, e-mail and phone, and by nothing that looks like a pattern", async () => {
  const desk = await buildDesk();
  const dana = await buildLost(desk, {
    lead: { firstName: "Dana", lastName: "Ruiz", company: "Northwind 100%", phone: "+1 (512) 555-0142" },
  });
  await buildLost(desk, {
    lead: { firstName: "Omar", lastName: "Haddad", company: "Brightline", phone: null },
  });
  const find = async (q: string) => (await list(desk, { q })).rows.map(({ id }) => id);
  expect(await find("dana ru")).toEqual([dana]);
  expect(await find("NORTHWIND")).toEqual([dana]);
  expect(await find("100%")).toEqual([dana]);
  expect(await find("512 555 0142")).toEqual([dana]);
  expect(await find("_")).toEqual([]);
});

describe("many tasks", () => {
  let desk: Desk;
  const COUNT = 10_000;

  beforeAll(async () => {
    desk = await buildDesk();
    const { db } = database;
    const { workspaceId } = desk;
    await db.$executeRaw`
      INSERT INTO "Lead" ("workspaceId", email, "firstName", timezone, "statusAt", "sentimentAt", "createdAt", "updatedAt")
      SELECT ${workspaceId}::uuid, 'many' || n || '@ridgeline.example', 'Lead ' || lpad(n::text, 5, '0'),
             (ARRAY['America/Chicago', 'Asia/Tokyo', 'Europe/Berlin', NULL])[1 + n % 4], ${TEST_NOW}, ${TEST_NOW}, ${TEST_NOW}, ${TEST_NOW}
      FROM generate_series(1, ${COUNT}::int) n`;
    await db.$executeRaw`
      INSERT INTO "Appointment" ("workspaceId", provider, "providerId", "eventId", "startAt", "endAt", status, "providerStatus",
                                 "asOf", source, "firstSeenAt", "updatedAt", "leadId")
      SELECT ${workspaceId}::uuid, 'calendly', l.id::text, l.id::text, ${TEST_NOW}, ${TEST_NOW}, 'canceled', 'canceled',
             ${TEST_NOW}, 'reconcile', ${TEST_NOW}, ${TEST_NOW}, l.id
      FROM "Lead" l WHERE l."workspaceId" = ${workspaceId}::uuid`;
    await db.$executeRaw`
      INSERT INTO "Task" ("workspaceId", "leadId", type, "dueAt", "createdAt", "updatedAt")
      SELECT ${workspaceId}::uuid, l.id, 'meeting_canceled',
             ${TEST_NOW}::timestamptz + (hashtext(l.email) % 300) * interval '1 minute', ${TEST_NOW}, ${TEST_NOW}
      FROM "Lead" l WHERE l."workspaceId" = ${workspaceId}::uuid`;
    await db.$executeRaw`
      INSERT INTO "TaskMeeting" ("taskId", "appointmentId", kind, "lostAt", "addedAt")
      SELECT t.id, a.id, 'canceled', ${TEST_NOW}::timestamptz - (abs(hashtext(a.id::text)) % 5000) * interval '1 minute', ${TEST_NOW}
      FROM "Task" t JOIN "Appointment" a ON a."leadId" = t."leadId" WHERE t."workspaceId" = ${workspaceId}::uuid`;
    // A year of closed ones behind them: what is open is a small part of what there is.
    await db.$executeRaw`
      INSERT INTO "Task" ("workspaceId", "leadId", type, status, "dueAt", "createdAt", "updatedAt", "closedAt", "closedReason")
      SELECT t."workspaceId", t."leadId", t.type, 'completed', t."dueAt", t."createdAt", t."updatedAt",
             ${TEST_NOW}::timestamptz - n * interval '30 days', 'bad_contact'
      FROM "Task" t CROSS JOIN generate_series(1, 9) n WHERE t."workspaceId" = ${workspaceId}::uuid`;
    await db.$executeRaw`ANALYZE`;
  });

  test("pages forth and back over the same rows, each once, while time goes on", async () => {
    const seen: string[] = [];
    const pages: string[][] = [];
    let cursor: string | null = null;
    for (let page = 0; page < 4; page++) {
      clock.set(new Date(TEST_NOW.getTime() + page * HOUR_MS));
      const answer: Awaited<ReturnType<typeof list>> = await list(desk, { cursor });
      expect(answer.from).toBe(page * 100 + 1);
      pages.push(answer.rows.map(({ id }) => id));
      seen.push(...(pages.at(-1) ?? []));
      cursor = page < 3 ? answer.next : answer.prev;
    }
    expect(new Set(seen).size).toBe(400);
    const back = await list(desk, { cursor });
    expect(back.rows.map(({ id }) => id)).toEqual(pages[2]);
    expect(back.from).toBe(201);
    const first = await list(desk, { cursor: (await list(desk, { cursor: back.prev })).prev });
    expect(first).toMatchObject({ from: 1, prev: null });
    expect(first.rows.map(({ id }) => id)).toEqual(pages[0]);
    clock.set(TEST_NOW);
  });

  test("counts to the limit and no further", async () => {
    const page = await list(desk);
    expect(page.total).toEqual({ value: COUNT, exact: true });
  });

  test("reads open tasks through their index, for rows and for counts", async () => {
    const plans: string[] = [];
    const { db } = database;
    const explaining = new Proxy(db, {
      get(target, key, receiver) {
        if (key !== "$queryRaw") return Reflect.get(target, key, receiver);
        return async (...args: Parameters<typeof db.$queryRaw>) => {
          const { Prisma } = await import("#server/db/generated/client.ts");
          const query = Array.isArray(args[0])
            ? Prisma.sql(args[0] as unknown as TemplateStringsArray, ...args.slice(1))
            : (args[0] as InstanceType<typeof Prisma.Sql>);
          const plan = await db.$queryRaw<{ "QUERY PLAN": string }[]>(Prisma.sql`EXPLAIN ${query}`);
          plans.push(plan.map((row) => row["QUERY PLAN"]).join("\n"));
          return db.$queryRaw(...args);
        };
      },
    });
    await listRedTasks({ db: explaining, clock }, desk, {
      view: "unclaimed",
      q: "",
      sort: "next",
      dir: "asc",
      cursor: null,
    });
    const overTasks = plans.filter((plan) => plan.includes('"Task"'));
    expect(overTasks.length).toBeGreaterThan(2);
    for (const plan of overTasks) expect(plan).not.toMatch(/Seq Scan on "Task" t\b/);
    expect(overTasks.some((plan) => plan.includes("Task_open_red"))).toBe(true);
  });
});
