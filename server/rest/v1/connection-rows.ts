import type { Deps } from "#server/deps.ts";
import { addDays } from "#server/lib/duration.ts";

/** The workspace's accounts and how well they are known; never a secret. There are two at most, so there is one page. */
export async function listConnections({ db, clock }: Pick<Deps, "db" | "clock">, workspaceId: string) {
  const rows = await db.connection.findMany({
    where: { workspaceId, state: { not: "off" } },
    orderBy: { provider: "asc" },
    select: {
      provider: true,
      state: true,
      reasonCode: true,
      stateSince: true,
      lastEventAt: true,
      lastSweepAt: true,
      webhookId: true,
      webhookState: true,
      retryStartedAt: true,
      coverage: { select: { day: true, verifiedAt: true }, orderBy: { day: "asc" } },
    },
  });
  return {
    rows: rows.map((row) => ({
      provider: row.provider,
      state: row.state,
      reasonCode: row.reasonCode,
      since: row.stateSince,
      lastEventAt: row.lastEventAt,
      lastSweepAt: row.lastSweepAt,
      coverage: joinDays(row.coverage),
      subscription: row.webhookId ? { state: row.webhookState, retryStartedAt: row.retryStartedAt } : null,
    })),
    next: null,
    asOf: clock.now(),
  };
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
