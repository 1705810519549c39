import { z } from "zod";
import { computeTiers } from "#server/connections/compute-tiers.ts";
import type { Deps } from "#server/deps.ts";
import { addDays } from "#server/lib/duration.ts";
import { cursorTime, pageQuery, readCursor, toPage } from "../page.ts";

export const connectionQuery = z.object(pageQuery);

/** The workspace's accounts and how well they are known; never a secret. */
export async function listConnections(
  { db, clock }: Pick<Deps, "db" | "clock">,
  workspaceId: string,
  query: z.output<typeof connectionQuery>,
) {
  const asOf = clock.now();
  const after = readCursor("connections", query.cursor, cursorTime);
  const beyond = after && {
    OR: [{ createdAt: { gt: after[0] } }, { createdAt: after[0], id: { gt: after[1] } }],
  };
  const found = await db.connection.findMany({
    where: { workspaceId, state: { not: "off" }, ...beyond },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    take: query.limit + 1,
    select: {
      id: true,
      createdAt: true,
      provider: true,
      state: true,
      reasonCode: true,
      stateSince: true,
      lastEventAt: true,
      lastSweepAt: true,
      webhookId: true,
      webhookState: true,
      retryStartedAt: true,
      hotEveryMin: true,
      warmEveryMin: true,
      workspace: { select: { lookbackDays: true, lookaheadDays: true } },
      coverage: { select: { day: true, verifiedAt: true }, orderBy: { day: "asc" } },
    },
  });
  return toPage(
    "connections",
    found,
    { limit: query.limit, asOf },
    {
      place: (row) => [row.createdAt.toISOString(), row.id],
      map: ({ workspace: window, ...row }) => ({
        provider: row.provider,
        state: row.state,
        reasonCode: row.reasonCode,
        since: row.stateSince,
        lastEventAt: row.lastEventAt,
        lastSweepAt: row.lastSweepAt,
        coverage: joinDays(row.coverage),
        tiers: computeTiers({ ...row, window }, asOf),
        subscription: row.webhookId ? { state: row.webhookState, retryStartedAt: row.retryStartedAt } : null,
      }),
    },
  );
}

type Span = { from: Date; to: Date; verifiedAt: Date };

/** Neighbouring days that one pass verified, as one span; `to` is the midnight after the last. */
function joinDays(days: { day: Date; verifiedAt: Date }[]): Span[] {
  const spans: Span[] = [];
  for (const { day, verifiedAt } of days) {
    const last = spans.at(-1);
    const isNext = last?.to.getTime() === day.getTime() && last.verifiedAt.getTime() === verifiedAt.getTime();
    if (last && isNext) last.to = addDays(day, 1);
    else spans.push({ from: day, to: addDays(day, 1), verifiedAt });
  }
  return spans;
}
