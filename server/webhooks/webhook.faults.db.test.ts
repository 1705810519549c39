import { beforeEach, describe, expect, test } from "vitest";
import { connectCalendly } from "#server/connections/connect-calendly.ts";
import { createWebhook } from "#server/connections/create-webhook.ts";
import { reprocessDelivery } from "#server/connections/reprocess-delivery.ts";
import { signDelivery } from "#server/connections/test-webhook.ts";
import { setUpConnections } from "#server/connections/testing/set-up-connections.ts";
import { webhookUrl } from "#server/connections/webhook-url.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import { addMs, DAY_MS, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import { openConnection } from "#server/reconcile/open-connection.ts";
import { passClock } from "#server/reconcile/pass-clock.ts";
import { sweepConnection } from "#server/reconcile/sweep-connection.ts";
import { readWindowPage, saveWindowPage } from "#server/reconcile/window-pages.ts";
import { buildLead, TEST_NOW } from "#server/testing/factories.ts";
import { createWebhookRouter } from "./create-webhook-router.ts";
import { processDelivery } from "./process-delivery.ts";

// What may go wrong on the way of a webhook, with Calendly, PostgreSQL and HTTP as they are.

const EMAIL = "maya@ridgeline.example";
const START = addMs(TEST_NOW, 2 * DAY_MS);

const setUp = setUpConnections({ receiver: createWebhookRouter });
let connectionId = "";
let leadId = "";

const control = (path: string, body?: unknown) => setUp.sandbox.control(path, body);
const flush = () => control("/deliveries/flush");
const findLead = () => setUp.db.lead.findUniqueOrThrow({ where: { id: leadId } });
const findMeeting = (providerId: string) =>
  setUp.db.appointment.findFirst({ where: { workspaceId: setUp.world.workspace.id, providerId } });
const redTasks = () => setUp.db.task.findMany({ where: { leadId }, orderBy: { createdAt: "asc" } });
const deliveries = () =>
  setUp.db.webhookDelivery.findMany({
    where: { connectionId },
    orderBy: [{ receivedAt: "asc" }, { eventType: "asc" }],
  });

beforeEach(async () => {
  const { world, deps } = setUp;
  const workspaceId = world.workspace.id;
  const outcome = await connectCalendly(deps, world.actor, { workspaceId, token: world.ownerToken });
  if (!outcome.ok) throw new Error(`not connected: ${outcome.error.code}`);
  connectionId = outcome.connectionId;
  await createWebhook(deps, world.actor, { workspaceId, connectionId, takeOver: false });
  leadId = (await buildLead(setUp.db, { workspaceId, email: EMAIL })).id;
});

async function book(fields: Record<string, unknown> = {}) {
  return control("/calendly/book", {
    organization: setUp.world.organization.organization.id,
    eventType: "Intro call",
    start: START.toISOString(),
    invitee: { email: EMAIL, name: "Maya Okafor" },
    ...fields,
  });
}

async function pass(ms: number): Promise<void> {
  setUp.clock.advance(ms);
  await control("/clock", { advanceMs: ms });
}

/** Works on what waits; what concerns the same person is done with the first of it. */
async function work(): Promise<void> {
  const open = (await deliveries()).filter((row) => row.result === "accepted" && row.processedAt === null);
  for (const { id } of open) await processDelivery(setUp.deps, { deliveryId: id });
}

const goDown = () =>
  control("/faults", {
    provider: "calendly",
    match: { path: "/scheduled_events" },
    kind: "status",
    status: 503,
  });
const comeBack = () => setUp.sandbox.control("/faults", {}, "DELETE");

describe("28: out of order, or in the same second", () => {
  const bookAndCancel = async () => {
    await control("/deliveries/faults", { drop: true });
    const meeting = await book();
    await control("/calendly/cancel", { invitee: meeting.inviteeId, reason: "Sick" });
    await comeBack();
    const { deliveries: sent } = await setUp.sandbox.control("/deliveries", {}, "GET");
    const [created, canceled] = sent.map(({ id }: { id: string }) => id);
    return { meeting, created, canceled };
  };

  test.each([["created first"], ["canceled first"]])(
    "one by one they leave the present, %s",
    async (order) => {
      const { meeting, created, canceled } = await bookAndCancel();
      for (const id of order === "created first" ? [created, canceled] : [canceled, created]) {
        await control(`/deliveries/${id}/resend`);
        await work();
        expect(await findMeeting(meeting.inviteeId)).toMatchObject({
          status: "canceled",
          cancelReason: "Sick",
        });
      }
      expect(await redTasks()).toMatchObject([{ type: "meeting_canceled" }]);
    },
  );

  test.each([
    ["created first", "together"],
    ["canceled first", "together"],
    ["canceled first", "one by one"],
  ])("by their snapshots alone they end as canceled, %s, %s", async (order, way) => {
    const { meeting, created, canceled } = await bookAndCancel();
    await goDown();
    for (const id of order === "created first" ? [created, canceled] : [canceled, created]) {
      await control(`/deliveries/${id}/resend`);
      // Of two that were signed in the same second, the clock of the receiver is all that tells their order.
      setUp.clock.advance(1_000);
      if (way === "one by one") await work();
    }
    await work();
    expect(await findMeeting(meeting.inviteeId)).toMatchObject({ status: "canceled" });
  });
});

test("29: a webhook that lands between page read and page write wins, and the page's row counts as stale", async () => {
  const meeting = await book({ webhooks: false });
  const open = await openConnection(setUp.deps, connectionId, { priority: "reconcile" });
  const window = { from: TEST_NOW, to: addMs(TEST_NOW, 7 * DAY_MS) };
  const save = async (page: Awaited<ReturnType<typeof readWindowPage>>) =>
    runTransaction(setUp.db, "save page", (tx) =>
      saveWindowPage(tx, open, page, { source: "reconcile", reason: "sweep", now: setUp.clock.now() }),
    );
  const page = await readWindowPage(setUp.deps, open, window, null);

  await pass(MINUTE_MS);
  await control("/calendly/cancel", { invitee: meeting.inviteeId, reason: "Sick" });
  await flush();
  await work();
  expect(await save(page)).toMatchObject({ stale: 1, created: 0, updated: 0 });
  expect(await findMeeting(meeting.inviteeId)).toMatchObject({ status: "canceled", source: "webhook" });
  expect(await findLead()).toMatchObject({ meetingState: "canceled" });

  await pass(MINUTE_MS);
  expect(await save(await readWindowPage(setUp.deps, open, window, null))).toMatchObject({ stale: 0 });
  expect(await findMeeting(meeting.inviteeId)).toMatchObject({ status: "canceled" });
});

describe("30: a reschedule in two halves", () => {
  async function bookAndMove(fields: Record<string, unknown> = {}, fault?: Record<string, unknown>) {
    const old = await book();
    await flush();
    await work();
    await pass(HOUR_MS);
    if (fault) await control("/deliveries/faults", fault);
    const moved = await control("/calendly/reschedule", {
      invitee: old.inviteeId,
      start: addMs(START, 7 * DAY_MS).toISOString(),
      ...fields,
    });
    return { old, moved };
  }

  test.each(["canceled_first", "created_first"])("never shows a gap as a cancellation, %s", async (order) => {
    const { old, moved } = await bookAndMove({ order, email: "maya.private@mail.example" });
    await flush();
    const halves = order === "canceled_first" ? ["canceled", "created"] : ["created", "canceled"];
    for (const half of halves) {
      const [row] = (await deliveries()).filter(
        (each) => each.processedAt === null && each.eventType === `invitee.${half}`,
      );
      await processDelivery(setUp.deps, { deliveryId: row?.id ?? "" });
      expect(await findLead()).toMatchObject({ meetingState: "booked" });
    }
    expect(await findMeeting(old.inviteeId)).toMatchObject({ status: "rescheduled", standing: "superseded" });
    expect(await findMeeting(moved.inviteeId)).toMatchObject({ status: "confirmed", leadId });
    expect(await redTasks()).toMatchObject([{ type: "meeting_rescheduled" }]);
  });

  test("whose new half was lost is whole at once: it is fetched with the old one", async () => {
    const { moved } = await bookAndMove({}, { events: ["invitee.created"], drop: true });
    await flush();
    await work();
    expect(await findMeeting(moved.inviteeId)).toMatchObject({ status: "confirmed", leadId });
    expect(await findLead()).toMatchObject({ meetingState: "booked" });
  });

  test("waits while Calendly is silent, is fetched again when it answers, and is no loss", async () => {
    const { moved } = await bookAndMove({}, { events: ["invitee.created"], drop: true });
    await goDown();
    await flush();
    await work();
    expect(await findMeeting(moved.inviteeId)).toBeNull();
    expect(await findLead()).toMatchObject({ meetingState: "booked" });
    await comeBack();
    await pass(MINUTE_MS);
    await sweepConnection(setUp.deps, { connectionId, tier: "hot", trigger: "cron" });
    expect(await findMeeting(moved.inviteeId)).toMatchObject({ status: "confirmed", leadId });
    await pass(10 * MINUTE_MS);
    await passClock(setUp.deps);
    expect(await findLead()).toMatchObject({ meetingState: "booked" });
    expect((await redTasks()).map(({ type }) => type)).toEqual(["meeting_rescheduled"]);
  });

  test("whose successor nobody can find is a loss after ten minutes, and not before", async () => {
    const { moved } = await bookAndMove({}, { events: ["invitee.created"], drop: true });
    await control("/calendly/delete", { invitee: moved.inviteeId });
    await flush();
    await work();
    await pass(9 * MINUTE_MS);
    await passClock(setUp.deps);
    expect(await findLead()).toMatchObject({ meetingState: "booked" });
    expect(await redTasks()).toEqual([]);
    await pass(2 * MINUTE_MS);
    await passClock(setUp.deps);
    expect(await findLead()).toMatchObject({ meetingState: "canceled" });
    expect(await redTasks()).toMatchObject([{ type: "meeting_canceled" }]);
  });
});

describe("31: a delivery about somebody unknown", () => {
  test("is fetched", async () => {
    const meeting = await book({ webhooks: false });
    await pass(HOUR_MS);
    await control("/calendly/cancel", { invitee: meeting.inviteeId });
    await flush();
    await work();
    expect(await findMeeting(meeting.inviteeId)).toMatchObject({ status: "canceled", leadId });
  });

  test("where Calendly answers 404 it is asked again, kept with its reason, and can be started again", async () => {
    const meeting = await book();
    await flush();
    const [row] = await deliveries();
    const deliveryId = row?.id ?? "";
    await control("/faults", {
      provider: "calendly",
      match: { path: `/scheduled_events/${meeting.eventId}` },
      kind: "status",
      status: 404,
    });
    for (let tries = 0; tries < 3; tries++) {
      await expect(processDelivery(setUp.deps, { deliveryId })).rejects.toMatchObject({ code: "not_found" });
    }
    expect(await deliveries()).toMatchObject([{ result: "accepted", processedAt: null, tries: 3 }]);
    await processDelivery(setUp.deps, { deliveryId });
    expect(await deliveries()).toMatchObject([{ result: "ignored", resultReason: "not_known" }]);
    expect(await findMeeting(meeting.inviteeId)).toBeNull();

    await comeBack();
    await reprocessDelivery(setUp.deps, setUp.world.actor, {
      workspaceId: setUp.world.workspace.id,
      deliveryId,
    });
    await work();
    expect(await findMeeting(meeting.inviteeId)).toMatchObject({ status: "confirmed", leadId });
  });
});

test("37: a flood is stored without asking Calendly, and worked on once for each booking", async () => {
  const meetings = await control(
    "/calendly/bulk-book",
    Array.from({ length: 10 }, (_, at) => ({
      organization: setUp.world.organization.organization.id,
      eventType: "Intro call",
      start: addMs(START, at * HOUR_MS).toISOString(),
      invitee: { email: `person${at}@ridgeline.example`, name: `Person ${at}` },
      webhooks: true,
    })),
  );
  await flush();
  const [first] = await deliveries();
  const sample = JSON.parse(setUp.secrets.open(first?.bodySealed ?? ""));
  await setUp.db.webhookDelivery.deleteMany();
  await setUp.db.$executeRaw`DELETE FROM pgboss.job`;
  await control("/calls/reset");

  const { signingKeySealed } = await setUp.db.connection.findUniqueOrThrow({ where: { id: connectionId } });
  const key = setUp.secrets.open(signingKeySealed ?? "");
  const bodies = meetings.booked.flatMap(({ eventId, inviteeId }: Record<string, string>) =>
    Array.from({ length: 8 }, (_, change) => {
      const event = `https://api.calendly.com/scheduled_events/${eventId}`;
      const updated_at = addMs(TEST_NOW, change * 1_000).toISOString();
      const payload = { ...sample.payload, uri: `${event}/invitees/${inviteeId}`, event, updated_at };
      payload.scheduled_event = { ...sample.payload.scheduled_event, uri: event };
      return JSON.stringify({ ...sample, payload });
    }),
  );
  const answers = await Promise.all(
    bodies.map(async (body: string) => {
      const headers = { "calendly-webhook-signature": signDelivery(key, TEST_NOW, body) };
      const url = webhookUrl(setUp.publicUrl, setUp.world.workspace.id);
      return (await fetch(url, { method: "POST", body, headers })).status;
    }),
  );
  expect(new Set(answers)).toEqual(new Set([200]));
  expect(await setUp.db.webhookDelivery.count({ where: { connectionId } })).toBe(80);
  expect(await setUp.waiting("process-delivery")).toBe(10);
  expect((await setUp.sandbox.control("/calls", {}, "GET")).calendly.total).toBe(0);

  const jobs = await setUp.db.$queryRaw<{ deliveryId: string }[]>`
    SELECT data->>'deliveryId' AS "deliveryId" FROM pgboss.job WHERE name = 'process-delivery'`;
  for (const { deliveryId } of jobs) await processDelivery(setUp.deps, { deliveryId });
  expect(await setUp.db.webhookDelivery.count({ where: { connectionId, processedAt: null } })).toBe(0);
  expect(await setUp.db.appointment.count({ where: { connectionId } })).toBe(10);
  expect((await setUp.sandbox.control("/calls", {}, "GET")).calendly.total).toBe(20);
});

test("45: a delivery about somebody whom nobody can store fails alone, and says that it was not the provider", async () => {
  await book({ invitee: { email: "eva@ridgeline.example", name: "Ev\u0000a" } });
  const meeting = await book({ start: addMs(START, HOUR_MS).toISOString() });
  await flush();
  await setUp.db.webhookDelivery.updateMany({ where: { connectionId }, data: { tries: 6 } });
  const ends = await Promise.allSettled(
    (await deliveries()).map(({ id }) => processDelivery(setUp.deps, { deliveryId: id })),
  );
  expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  const rows = await deliveries();
  expect(rows.map(({ result, resultReason }) => ({ result, resultReason }))).toEqual(
    expect.arrayContaining([
      { result: "accepted", resultReason: null },
      { result: "failed", resultReason: "not_stored" },
    ]),
  );
  expect(await findMeeting(meeting.inviteeId)).toMatchObject({ status: "confirmed", leadId });
});

test("1: evidence and the end of its delivery are written together, or neither is", async () => {
  const meeting = await book();
  await flush();
  await setUp.db.$executeRaw`
    ALTER TABLE "WebhookDelivery" ADD CONSTRAINT never_worked_on CHECK ("processedAt" IS NULL) NOT VALID`;
  try {
    await expect(work()).rejects.toThrow();
    expect(await findMeeting(meeting.inviteeId)).toBeNull();
    expect(await deliveries()).toMatchObject([{ processedAt: null, tries: 1 }]);
  } finally {
    await setUp.db.$executeRaw`ALTER TABLE "WebhookDelivery" DROP CONSTRAINT never_worked_on`;
  }
  await work();
  expect(await deliveries()).toMatchObject([{ result: "accepted", tries: 2, leadId }]);
  expect(await setUp.db.appointmentChange.count({ where: { leadId } })).toBe(1);
});
