import type { Db, Tx } from "#server/db/client.ts";
import type { Decision } from "#server/db/generated/enums.ts";

export type LastDecision = { decision: Decision; at: Date; by: string | null };

/** How a decision reads in the audit. */
export const DECISION_VERBS: Record<Decision, string> = {
  accept: "mismatch_accepted",
  keep: "mismatch_kept",
  needs_info: "mismatch_needs_info",
  link: "mismatch_linked",
  recheck: "mismatch_rechecked",
};

/**
 * Who last decided about this lead. An acceptance leaves no decision standing on the lead, since nothing is left to
 * decide; the audit remembers it.
 */
export async function loadLastDecision(db: Db | Tx, leadId: string): Promise<LastDecision | null> {
  const [row] = await db.$queryRaw<{ verb: string; at: Date; by: string | null }[]>`
    SELECT a.verb, a.at, u.name AS by FROM "AuditEntry" a LEFT JOIN "User" u ON u.id = a."actorId"
    WHERE a."leadId" = ${leadId}::uuid AND a.verb = ANY(${Object.values(DECISION_VERBS)}::text[])
    ORDER BY a.id DESC LIMIT 1`;
  const [decision] = Object.entries(DECISION_VERBS).find(([, verb]) => verb === row?.verb) ?? [];
  // The keys of a constant record are its type's keys.
  return row && decision ? { decision: decision as Decision, at: row.at, by: row.by } : null;
}
