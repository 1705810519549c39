import { randomUUID } from "node:crypto";
import type { Db } from "#server/db/client.ts";
import { applyPlan } from "#server/mismatches/apply-plan.ts";
import { commitPlan } from "#server/mismatches/commit-plan.ts";
import { previewPlan } from "#server/mismatches/preview-plan.ts";
import { startUndo, undoReceipt } from "#server/mismatches/undo-receipt.ts";
import { openBench } from "./open-bench.ts";
import { printTable } from "./print-table.ts";

const LEADS = 100_000;
const ACCEPTED = 10_000;
const NEVER = new AbortController().signal;

/**
 * Accepting 10,000 mismatches among 100,000 leads, and taking it back, beside one bare UPDATE that writes the same
 * columns of the same number of rows. The job is called directly: what is measured is the work, not the queue.
 */
export async function benchBulkAccept(): Promise<void> {
  await using bench = await openBench();
  const { db, deps } = bench;
  const workspaceId = await fill(db);
  const user = await db.user.create({
    data: { id: "bench", name: "Ops", email: "ops@ridgeline.example", emailVerified: true },
  });
  const who = { workspaceId, userId: user.id };
  const rows: string[][] = [["bulk accept of 10,000 leads", "ms", "× bare UPDATE"]];
  const add = (name: string, ms: number, bare: number) =>
    rows.push([name, ms.toFixed(0), (ms / bare).toFixed(1)]);

  for (const kind of [1, 3] as const) {
    const bare = await measure(() => bareUpdate(db, workspaceId, kind));
    await putBack(db, workspaceId);
    const name = kind === 1 ? "says booked, no meeting" : "canceled, still booked";
    add(`${name}: one bare UPDATE`, bare.ms, bare.ms);
    const preview = await measure(() => previewPlan(deps, { filter: { tab: `${kind}` } }, who));
    if (preview.result.willChange !== ACCEPTED)
      throw new Error(`announced ${preview.result.willChange} leads`);
    add(`${name}: preview`, preview.ms, bare.ms);

    const planId = preview.result.token.split(".")[0] ?? "";
    const commit = () =>
      commitPlan(
        deps,
        { token: preview.result.token, idempotencyKey: randomUUID(), confirmCount: ACCEPTED },
        who,
      );
    const { receiptId } = (await measure(commit)).result;
    const progress = watchFirstProgress(db, planId);
    const apply = await measure(() => applyPlan(deps, { planId }, NEVER));
    add(`${name}: first progress`, await progress, bare.ms);
    add(`${name}: apply`, apply.ms, bare.ms);

    await startUndo(deps, receiptId, { ...who, role: "ops_lead" });
    const undo = await measure(() => undoReceipt(deps, { receiptId, userId: user.id }, NEVER));
    const { restored } = await db.receipt.findUniqueOrThrow({ where: { id: receiptId } });
    if (restored !== ACCEPTED) throw new Error(`restored ${restored} leads`);
    add(`${name}: undo`, undo.ms, bare.ms);
  }
  printTable(`Bulk accept, ${LEADS.toLocaleString("en-US")} leads in the workspace`, rows);
}

async function measure<T>(run: () => Promise<T>): Promise<{ ms: number; result: T }> {
  const startedAt = performance.now();
  const result = await run();
  return { ms: performance.now() - startedAt, result };
}

async function watchFirstProgress(db: Db, planId: string): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    const plan = await db.bulkPlan.findUniqueOrThrow({ where: { id: planId }, select: { applied: true } });
    if (plan.applied > 0) return performance.now() - startedAt;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The columns of an acceptance on the same number of rows, in one statement. */
async function bareUpdate(db: Db, workspaceId: string, kind: number): Promise<void> {
  await db.$executeRaw`
    UPDATE "Lead" SET status = 'qualified', "statusAt" = now(), sentiment = 'neutral', "sentimentAt" = now(),
      decision = 'accept', "decisionAt" = now(), version = version + 1, "updatedAt" = now()
    WHERE "workspaceId" = ${workspaceId}::uuid AND "mismatchKind" = ${kind}`;
}

async function putBack(db: Db, workspaceId: string): Promise<void> {
  await db.$executeRaw`
    UPDATE "Lead" SET
      status = 'meeting_booked', "statusAt" = now() - interval '2 days', sentiment = 'meeting_booked',
      "sentimentAt" = now() - interval '2 days', decision = NULL, "decisionAt" = NULL
    WHERE "workspaceId" = ${workspaceId}::uuid AND decision = 'accept'`;
  await db.$executeRaw`VACUUM ANALYZE "Lead"`;
}

/** One lead in ten says booked without a meeting (kind 1), one in ten was canceled and still reads booked (kind 3). */
async function fill(db: Db): Promise<string> {
  const { id } = await db.workspace.create({ data: { slug: "bulk", name: "Bulk" } });
  await db.$executeRaw`
    INSERT INTO "Lead" ("workspaceId", email, status, "statusAt", "statusSource", sentiment, "sentimentAt",
                        "claimCheckedAt", "lookedUpAt", "meetingState", "lostAt", "createdAt", "updatedAt")
    SELECT ${id}::uuid, 'lead' || n || '@ridgeline.example',
           CASE WHEN n % 10 < 2 THEN 'meeting_booked'::"LeadStatus" ELSE 'new' END, now() - interval '2 days', 'import',
           CASE WHEN n % 10 < 2 THEN 'meeting_booked'::"Sentiment" ELSE 'new' END, now() - interval '2 days',
           now() - interval '1 day', now(),
           CASE WHEN n % 10 = 1 THEN 'canceled'::"MeetingState" ELSE 'none' END,
           CASE WHEN n % 10 = 1 THEN now() - interval '1 day' END, now(), now()
    FROM generate_series(1, ${LEADS}) AS n`;
  await db.$executeRaw`
    INSERT INTO "Appointment" ("workspaceId", provider, "providerId", "eventId", "startAt", "endAt", status,
                               "providerStatus", "canceledAt", standing, "asOf", source, "firstSeenAt", "leadId", "updatedAt")
    SELECT l."workspaceId", 'calendly', 'invitee-' || l.id, 'event-' || l.id, now() + interval '1 day',
           now() + interval '1 day 30 minutes', 'canceled', 'canceled', now() - interval '1 day', 'canceled', now(),
           'reconcile', now() - interval '3 days', l.id, now()
    FROM "Lead" l WHERE l."meetingState" = 'canceled'`;
  await db.$executeRaw`
    UPDATE "Lead" l SET "primaryId" = a.id, "meetingProvider" = a.provider, "meetingStatus" = a.status,
      "meetingStartAt" = a."startAt", "meetingEndAt" = a."endAt", "meetingCanceledAt" = a."canceledAt", "meetingAsOf" = a."asOf",
      "lostAt" = a."canceledAt", "meetingSource" = a.source
    FROM "Appointment" a WHERE a."leadId" = l.id`;
  await db.$executeRaw`VACUUM ANALYZE "Lead"`;
  await db.$executeRaw`ANALYZE "Appointment"`;
  return id;
}
