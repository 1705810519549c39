import type { Db } from "#server/db/client.ts";
import type { Connection } from "#server/db/generated/client.ts";
import { DAY_MS } from "#server/lib/duration.ts";
import {
  type ConnectionFacts,
  type ConnectionVerdict,
  computeUsualEvents,
  decideConnectionState,
  isNoWebhookReason,
} from "./decide-connection-state.ts";

const WEEKS_TO_COMPARE = 4;

type KnownColumns = Pick<
  Connection,
  "provider" | "webhookId" | "webhookState" | "retryStartedAt" | "reasonCode" | "lastEventAt"
>;

/** The verdict from what the row remembers and what was just learned. */
export function decideStateOf(
  row: KnownColumns,
  learned: Pick<ConnectionFacts, "tokenProblem" | "isUnreachable"> & Partial<ConnectionFacts>,
): ConnectionVerdict {
  return decideConnectionState({ webhook: rememberedWebhook(row), usualEvents: null, ...learned });
}

function rememberedWebhook(row: KnownColumns): ConnectionFacts["webhook"] {
  if (row.provider === "highlevel") {
    // Nobody can ask HighLevel for its workflows: what has called once is expected to call again.
    return row.lastEventAt ? { state: "active", retryStartedAt: null } : { state: "not_expected" };
  }
  if (!row.webhookId) {
    const reason = isNoWebhookReason(row.reasonCode) ? row.reasonCode : "webhook_not_created";
    return { state: "none", reason };
  }
  const state = row.webhookState === "disabled" || row.webhookState === "gone" ? row.webhookState : "active";
  return { state, retryStartedAt: row.retryStartedAt };
}

/**
 * How many events came in the same stretch of earlier weeks as have not come now; null without an event yet. Weeks
 * before the first event count for nothing.
 */
export async function loadUsualEvents(db: Db, row: Connection, now: Date): Promise<number | null> {
  const { lastEventAt } = row;
  if (lastEventAt === null || lastEventAt >= now) return null;
  const weeks = await db.$queryRaw<{ count: number }[]>`
    SELECT (SELECT count(*)::int FROM "WebhookDelivery" d
            WHERE d."connectionId" = ${row.id}::uuid AND d.result = 'accepted'
              AND d."receivedAt" > w.begins AND d."receivedAt" <= w.ends) AS count
    FROM (SELECT ${lastEventAt}::timestamptz - make_interval(days => 7 * n) AS begins,
                 ${now}::timestamptz - make_interval(days => 7 * n) AS ends
          FROM generate_series(1, ${WEEKS_TO_COMPARE}) AS n) w
    WHERE w.begins >= (SELECT min(f."receivedAt") FROM "WebhookDelivery" f
                       WHERE f."connectionId" = ${row.id}::uuid AND f.result = 'accepted')
      AND w.begins >= ${new Date(now.getTime() - 30 * DAY_MS)}::timestamptz`;
  return computeUsualEvents(weeks.map(({ count }) => count));
}
