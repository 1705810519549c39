import type { Deps } from "#server/deps.ts";
import { addMs, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import type { ProviderError } from "#server/providers/provider-error.ts";
import { decideBreaker } from "#server/reconcile/decide-breaker.ts";

const LONGEST_DELAY_MS = 6 * HOUR_MS;

/** How long a lead waits after so many failures in a row: 2, 4, 8 … minutes. */
export function computeLookupDelayMs(failures: number): number {
  return failures === 0 ? 0 : Math.min(MINUTE_MS * 2 ** failures, LONGEST_DELAY_MS);
}

/** The lead goes to the end of the line, whatever came of it; after a failure of its own it also waits (R30). */
export async function recordLookup(
  { db, clock }: Pick<Deps, "db" | "clock">,
  leadId: string,
  error: ProviderError | null,
): Promise<void> {
  const triedAt = clock.now();
  // A limit that is used up is nobody's fault.
  const isFault = error !== null && error.kind !== "rate_limited";
  const before = isFault
    ? await db.leadLookup.findUnique({ where: { leadId }, select: { failures: true } })
    : null;
  const failures = isFault ? (before?.failures ?? 0) + 1 : 0;
  const row = { triedAt, failures, dueAt: addMs(triedAt, computeLookupDelayMs(failures)) };
  await db.$executeRaw`
    INSERT INTO "LeadLookup" ("leadId", "triedAt", failures, "dueAt")
    SELECT id, ${row.triedAt}::timestamptz, ${row.failures}, ${row.dueAt}::timestamptz FROM "Lead"
    WHERE id = ${leadId}::uuid
    ON CONFLICT ("leadId") DO UPDATE SET
      "triedAt" = excluded."triedAt", failures = excluded.failures, "dueAt" = excluded."dueAt"`;
}

/** Its lookups rest alone: sweeps call other endpoints and have a breaker of their own (R31). */
export async function recordConnectionFailed(
  { db, clock, log }: Pick<Deps, "db" | "clock" | "log">,
  connectionId: string | null,
  error: ProviderError,
): Promise<void> {
  if (connectionId === null) return;
  const row = await db.connection.findUnique({
    where: { id: connectionId },
    select: { lookupFailures: true },
  });
  const { failures, until } = decideBreaker(row?.lookupFailures ?? 0, error, clock.now());
  log.info({ connectionId, code: error.code, failures }, "lookups stopped");
  await db.connection.updateMany({
    where: { id: connectionId },
    data: { lookupFailures: failures, lookupsAfter: until },
  });
}

export async function recordConnectionAnswered(
  { db }: Pick<Deps, "db">,
  connectionIds: string[],
): Promise<void> {
  await db.connection.updateMany({
    where: { id: { in: connectionIds }, lookupFailures: { gt: 0 } },
    data: { lookupFailures: 0, lookupsAfter: null },
  });
}
