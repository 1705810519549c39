import { SYSTEM } from "#server/audit/actor.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import type { Tx } from "#server/db/client.ts";
import type { Connection, Prisma } from "#server/db/generated/client.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import { addMs, HOUR_MS } from "#server/lib/duration.ts";
import type { CallPriority } from "#server/providers/decide-rate-slot.ts";
import { closeIncident, openIncident } from "#server/reconcile/incidents.ts";
import { openConnection } from "#server/reconcile/open-connection.ts";
import { closeIncidents } from "./close-incidents.ts";
import { computeGapStart, type LostWebhook } from "./compute-gap.ts";
import type { ConnectErrorCode } from "./connect-error.ts";
import type { WebhookDeps } from "./create-webhook.ts";
import { decideClockSkew } from "./decide-clock-skew.ts";
import type { ConnectionFacts, ConnectionVerdict, TokenProblem } from "./decide-connection-state.ts";
import { sendGap } from "./fill-gap.ts";
import { type CheckReading, readForCheck } from "./read-for-check.ts";
import { saveEventTypes } from "./save-connection.ts";
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
 * old, then a backfill of exactly the gap, and an incident that names it.
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
    const lost = reading.webhook;
    const outcome = await subscribeWebhook(deps, open, {
      takeOver: true,
      onCreated: (tx, at) => recordRepair(deps, tx, open.row, lost, at),
    });
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
    const isSaved = await saveConnectionState(
      tx,
      open.row,
      verdict,
      now,
      columnsOf(open.row, reading, repair, now),
    );
    if (!isSaved) return;
    await saveEventTypes(tx, row.id, reading.eventTypes, { includeNew: row.includeNewEventTypes, now });
    await settleIncidents(tx, open.row, reading, now);
  });
  return verdict;
}

function problemsOf(reading: CheckReading): Pick<ConnectionFacts, "tokenProblem" | "isUnreachable"> {
  if (!reading.error) return { tokenProblem: null, isUnreachable: false };
  const tokenProblem = TOKEN_PROBLEMS[reading.error.code] ?? null;
  return { tokenProblem, isUnreachable: tokenProblem === null };
}

function columnsOf(
  row: Connection,
  reading: CheckReading,
  repair: Subscription | null,
  now: Date,
): Prisma.ConnectionUpdateManyMutationInput {
  const webhook = repair ? null : reading.webhook;
  const zone = reading.timezone === null ? {} : { timezone: reading.timezone };
  if (!webhook) return { lastCheckAt: now, ...zone };
  // While it cannot be created anew, the beginning of the gap stays known: since when it failed, and when it last stood.
  const stands = webhook.state === "active";
  return {
    lastCheckAt: now,
    webhookState: webhook.state,
    retryStartedAt: stands ? webhook.retryStartedAt : (webhook.retryStartedAt ?? row.retryStartedAt),
    ...(stands ? { webhookCheckedAt: now } : {}),
  };
}

/** With the new webhook or not at all: the incident, and the run that reads the gap. */
async function recordRepair(
  { queue }: WebhookDeps,
  tx: Tx,
  row: Connection,
  webhook: LostWebhook,
  now: Date,
): Promise<void> {
  const gap = { from: computeGapStart(webhook, row, now), to: now };
  const cause = webhook.state === "gone" ? "webhook_gone" : "webhook_disabled";
  await openIncident(tx, now, {
    workspaceId: row.workspaceId,
    connectionId: row.id,
    kind: "dead_feed",
    subject: row.id,
    cause,
    action: "read_gap",
    details: { from: gap.from.toISOString(), to: gap.to.toISOString() },
  });
  await writeAudit(tx, SYSTEM, now, [
    {
      workspaceId: row.workspaceId,
      verb: "connection_webhook_recreated",
      subjectType: "connection",
      subjectId: row.id,
      after: { gapFrom: gap.from, gapTo: gap.to },
      source: "reconcile",
    },
  ]);
  await sendGap({ queue, tx }, row.id, cause, gap);
}

/** A gap is over once a whole sweep came after it; refusals are over once an hour passed without one. */
async function settleIncidents(tx: Tx, row: Connection, reading: CheckReading, now: Date): Promise<void> {
  const which = { workspaceId: row.workspaceId, connectionId: row.id };
  await settleClockSkew(tx, row, reading.skewMs, now);
  await closeIncidents(tx, { ...which, kind: "refused_deliveries", seenBefore: addMs(now, -HOUR_MS) }, now);
  // HighLevel has no webhook of ours that could be asked for.
  const stands = row.provider === "highlevel" || reading.webhook?.state === "active";
  if (row.warmSweptAt && stands) {
    await closeIncidents(tx, { ...which, kind: "dead_feed", seenBefore: row.warmSweptAt }, now);
  }
}

async function settleClockSkew(tx: Tx, row: Connection, skewMs: number | null, now: Date): Promise<void> {
  const decision = decideClockSkew(skewMs);
  if (decision.verdict === "unknown") return;
  const about = { workspaceId: row.workspaceId, kind: "clock_skew" as const, subject: row.id };
  if (decision.verdict === "right") {
    await closeIncident(tx, now, about);
    return;
  }
  const { cause, skewSeconds } = decision;
  await openIncident(tx, now, { ...about, connectionId: row.id, cause, details: { skewSeconds } });
}

function currentVerdict(row: Connection): ConnectionVerdict {
  // The column holds nothing but these words.
  return { state: row.state, reasonCode: row.reasonCode as ConnectionVerdict["reasonCode"] };
}
