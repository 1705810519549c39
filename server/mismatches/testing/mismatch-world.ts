import type { Db } from "#server/db/client.ts";
import type { Queue } from "#server/db/queue.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import { SettableClock } from "#server/lib/clock.ts";
import { addDays, addMs, HOUR_MS, startOfUtcDay } from "#server/lib/duration.ts";
import { createLog } from "#server/lib/log.ts";
import { convergeLeads } from "#server/reconcile/converge-leads.ts";
import { markCoverage } from "#server/reconcile/coverage.ts";
import {
  buildAppointment,
  buildConnection,
  buildInstance,
  buildLead,
  buildMembership,
  buildSequence,
  buildTask,
  buildUser,
  buildWorkspace,
  TEST_NOW,
} from "#server/testing/factories.ts";

/** Remembers what was sent and runs nothing: tests call the job themselves. */
export function createIdleQueue() {
  const sent: { name: string; data: unknown }[] = [];
  const queue: Queue = {
    async send(name, data) {
      sent.push({ name, data });
    },
    async work() {},
    async stop() {},
  };
  return { queue, sent };
}

/** A workspace with both providers connected and its whole window verified five minutes ago, and an ops lead. */
export async function buildMismatchWorld(db: Db) {
  const { id: workspaceId, slug } = await buildWorkspace(db);
  const ops = await buildUser(db);
  await buildMembership(db, { workspaceId, userId: ops.id, role: "ops_lead" });
  for (const provider of ["calendly", "highlevel"] as const) {
    const connection = await buildConnection(db, { workspaceId, provider });
    await verifyWindow(db, connection);
  }
  const { queue, sent } = createIdleQueue();
  const clock = new SettableClock(TEST_NOW);
  const deps = { db, clock, queue, log: createLog("silent") };
  return { workspaceId, slug, ops, deps, clock, sent, who: { workspaceId, userId: ops.id } };
}

async function verifyWindow(db: Db, connection: { id: string; fullScope: boolean }): Promise<void> {
  const today = startOfUtcDay(TEST_NOW);
  const window = { from: addDays(today, -90), to: addDays(today, 91) };
  await runTransaction(db, "verify", (tx) =>
    markCoverage(tx, connection, window, addMs(TEST_NOW, -HOUR_MS / 12)),
  );
}

/** The conversation said booked three days ago; nobody has a meeting (kind 1). */
export function buildClaim(db: Db, workspaceId: string, overrides: Parameters<typeof buildLead>[1] = {}) {
  return buildLead(db, {
    workspaceId,
    status: "meeting_booked",
    statusAt: addDays(TEST_NOW, -3),
    sentiment: "meeting_booked",
    sentimentAt: addDays(TEST_NOW, -3),
    claimCheckedAt: addDays(TEST_NOW, -1),
    ...overrides,
  });
}

/** A provider has a meeting in two days and the lead is called qualified (kind 2); enrolled, and red from before. */
export async function buildMissedMeeting(db: Db, workspaceId: string) {
  const lead = await buildLead(db, { workspaceId, status: "qualified", sentiment: "interested" });
  await buildAppointment(db, { leadId: lead.id });
  await buildInstance(db, { leadId: lead.id, trigger: "manual" });
  await readEvidence(db, workspaceId, lead.id);
  await buildTask(db, { leadId: lead.id, ownerId: null, attempts: 2 });
  return lead;
}

/** The meeting was canceled two days ago and an import called the lead booked after that (kind 3). */
export async function buildLateLabel(db: Db, workspaceId: string, overrides = {}) {
  const lead = await buildLead(db, {
    workspaceId,
    status: "meeting_booked",
    statusAt: addDays(TEST_NOW, -1),
    ...overrides,
  });
  await buildAppointment(db, {
    leadId: lead.id,
    status: "canceled",
    startAt: addDays(TEST_NOW, 1),
    canceledAt: addDays(TEST_NOW, -2),
    lossSeenAt: addDays(TEST_NOW, -2),
  });
  const sequence = await findOrBuildBookedSequence(db, workspaceId);
  await buildInstance(db, { leadId: lead.id, sequenceId: sequence.id });
  await readEvidence(db, workspaceId, lead.id);
  return lead;
}

/** The provider does not know the meeting any more; the status waits for a person (kind 4). */
export async function buildVanished(db: Db, workspaceId: string) {
  const lead = await buildLead(db, {
    workspaceId,
    status: "meeting_booked",
    statusAt: addDays(TEST_NOW, -4),
  });
  await buildAppointment(db, { leadId: lead.id, status: "vanished", lossSeenAt: addDays(TEST_NOW, -1) });
  await readEvidence(db, workspaceId, lead.id);
  return lead;
}

async function findOrBuildBookedSequence(db: Db, workspaceId: string) {
  const known = await db.followUpSequence.findFirst({ where: { workspaceId, trigger: "meeting_booked" } });
  return known ?? buildSequence(db, { workspaceId, trigger: "meeting_booked" });
}

/** Rollup and standing as the road leaves them, without its effects. */
async function readEvidence(db: Db, workspaceId: string, leadId: string): Promise<void> {
  const now = addDays(TEST_NOW, -2);
  await runTransaction(db, "read evidence", (tx) =>
    convergeLeads(tx, [leadId], {
      workspaceId,
      source: "backfill",
      now,
      reason: "test",
      skipSideEffects: true,
    }),
  );
}

/** Lead, tasks and sequences as they read, without what every write moves. */
export async function readWorld(db: Db, workspaceId: string) {
  const omit = { version: true, updatedAt: true } as const;
  return {
    leads: await db.lead.findMany({ where: { workspaceId }, omit, orderBy: { id: "asc" } }),
    tasks: await db.task.findMany({
      where: { workspaceId },
      omit,
      orderBy: { id: "asc" },
      include: { meetings: { orderBy: { appointmentId: "asc" } } },
    }),
    instances: await db.followUpInstance.findMany({ where: { workspaceId }, orderBy: { id: "asc" } }),
  };
}
