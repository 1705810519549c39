import { SYSTEM } from "#server/audit/actor.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import type { Tx } from "#server/db/client.ts";
import type { Connection, Prisma } from "#server/db/generated/client.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import { addMs, HOUR_MS } from "#server/lib/duration.ts";
import type { CallPriority } from "#server/providers/decide-rate-slot.ts";
import { openIncident } from "#server/reconcile/incidents.ts";
import { openConnection } from "#server/reconcile/open-connection.ts";
import { closeIncidents } from "./close-incidents.ts";
import type { ConnectErrorCode } from "./connect-error.ts";
import type { WebhookDeps } from "./create-webhook.ts";
import type { ConnectionFacts, ConnectionVerdict, TokenProblem } from "./decide-connection-state.ts";
import { type CheckReading, readForCheck } from "./read-for-check.ts";
import { saveEventTypes, sendSweep } from "./save-connection.ts";
import { saveConnectionState } from "./save-connection-state.ts";
import { decideStateOf, loadUsualEvents } from "./state-facts.ts";
import { type Subscription, subscribeWebhook } from "./subscribe-webhook.ts";

const TOKEN_PROBLEMS: Partial<Record<ConnectErrorCode, TokenProblem>> = {
  unauthorized: "unauthorized",
  scope: "scope_missing",
  role: "role_lost",
  plan: "plan",
  location: "wrong_location",
  token_kind: "token_kind",
  other_account: "other_account",
};

/**
 * Looks whether an account still answers, its token still does what it did, and its webhook still stands (R37). A
 * webhook that Calendly turned off, or that somebody deleted there, is created anew at once: the new one before the
 * old, then sweeps over the gap, and an incident that names it.
 */
export async function checkConnection(
  deps: WebhookDeps,
  { connectionId }: { connectionId: string },
  signal?: AbortSignal,
  priority: CallPriority = "reconcile",
): Promise<ConnectionVerdict> {
  const row = await deps.db.connection.findUnique({ where: { id: connectionId } });
  if (row === null || row.state === "off") return { state: "off", reasonCode: null };
  const open = await openConnection(deps, connectionId, { priority, ...(signal ? { signal } : {}) });
  const reading = await readForCheck(open);
  // A used-up limit says nothing about the connection.
  if (reading.error?.code === "rate_limited") return currentVerdict(open.row);

  let repair: Subscription | null = null;
  if (open.provider === "calendly" && reading.webhook && reading.webhook.state !== "active") {
    const outcome = await subscribeWebhook(deps, open, { takeOver: true });
    repair = outcome.ok ? outcome : null;
  }
  const now = deps.clock.now();
  const verdict = decideStateOf(open.row, {
    ...problemsOf(reading),
    ...(repair
      ? { webhook: { state: "active", retryStartedAt: null } }
      : reading.webhook && { webhook: reading.webhook }),
    usualEvents: await loadUsualEvents(deps.db, open.row, now),
  });
  await runTransaction(deps.db, "saveCheck", async (tx) => {
    const isSaved = await saveConnectionState(tx, open.row, verdict, now, columnsOf(reading, repair, now));
    if (!isSaved) return;
    await saveEventTypes(tx, row.id, reading.eventTypes, { includeNew: row.includeNewEventTypes, now });
    await settleIncidents(tx, open.row, reading, now);
    if (repair) await recordRepair(deps, tx, open.row, reading, now);
  });
  return verdict;
}

function problemsOf(reading: CheckReading): Pick<ConnectionFacts, "tokenProblem" | "isUnreachable"> {
  if (!reading.error) return { tokenProblem: null, isUnreachable: false };
  const tokenProblem = TOKEN_PROBLEMS[reading.error.code] ?? null;
  return { tokenProblem, isUnreachable: tokenProblem === null };
}

function columnsOf(
  reading: CheckReading,
  repair: Subscription | null,
  now: Date,
): Prisma.ConnectionUpdateManyMutationInput {
  const webhook = repair ? null : reading.webhook;
  return {
    lastCheckAt: now,
    ...(webhook
      ? { webhookState: webhook.state, retryStartedAt: webhook.retryStartedAt, webhookCheckedAt: now }
      : {}),
  };
}

/** From when on events may be missing: when Calendly began to fail, or since the last sign of life. */
function gapStart(row: Connection, reading: CheckReading, now: Date): Date {
  return (
    reading.webhook?.retryStartedAt ?? row.retryStartedAt ?? row.lastEventAt ?? row.webhookCheckedAt ?? now
  );
}

async function recordRepair(
  deps: WebhookDeps,
  tx: Tx,
  row: Connection,
  reading: CheckReading,
  now: Date,
): Promise<void> {
  const from = gapStart(row, reading, now);
  await openIncident(tx, now, {
    workspaceId: row.workspaceId,
    connectionId: row.id,
    kind: "dead_feed",
    subject: row.id,
    cause: reading.webhook?.state === "gone" ? "webhook_gone" : "webhook_disabled",
    action: "recreated",
    details: { from: from.toISOString(), to: now.toISOString() },
  });
  await writeAudit(tx, SYSTEM, now, [
    {
      workspaceId: row.workspaceId,
      verb: "connection_webhook_recreated",
      subjectType: "connection",
      subjectId: row.id,
      after: { gapFrom: from, gapTo: now },
      source: "reconcile",
    },
  ]);
  await sendSweep({ queue: deps.queue, tx }, row.id, "webhook_recreated");
}

/** A gap is over once a whole sweep came after it; refusals are over once an hour passed without one. */
async function settleIncidents(tx: Tx, row: Connection, reading: CheckReading, now: Date): Promise<void> {
  const which = { workspaceId: row.workspaceId, connectionId: row.id };
  await closeIncidents(tx, { ...which, kind: "refused_deliveries", seenBefore: addMs(now, -HOUR_MS) }, now);
  if (row.warmSweptAt && reading.webhook?.state === "active") {
    await closeIncidents(tx, { ...which, kind: "dead_feed", seenBefore: row.warmSweptAt }, now);
  }
}

function currentVerdict(row: Connection): ConnectionVerdict {
  // The column holds nothing but these words.
  return { state: row.state, reasonCode: row.reasonCode as ConnectionVerdict["reasonCode"] };
}
