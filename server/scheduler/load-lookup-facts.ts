import type { Connection } from "#server/db/generated/client.ts";
import type { Deps } from "#server/deps.ts";
import { addDays, startOfUtcDay } from "#server/lib/duration.ts";
import { computeLoad, PROMISED, SWEEP_SHARE } from "#server/reconcile/decide-cadence.ts";
import { computeLookupCalls } from "#server/reconcile/estimate-ways.ts";
import { loadCallBudget } from "#server/reconcile/load-call-budget.ts";
import type { LookupFacts } from "./decide-lookups.ts";

export type ConnectionLookups = {
  connectionId: string;
  workspaceId: string;
  /** When lookups of this workspace were last put in line. */
  sentAt: Date | null;
  facts: LookupFacts;
};

type Row = Pick<
  Connection,
  | "id"
  | "workspaceId"
  | "provider"
  | "fullScope"
  | "state"
  | "failures"
  | "breakerUntil"
  | "lookupsAfter"
  | "warmSweptAt"
  | "hotCalls"
  | "warmCalls"
  | "hotEveryMin"
  | "warmEveryMin"
  | "ownerId"
  | "locationId"
> & {
  lookupsSentAt: Date | null;
  sweepError: string | null;
  isHeldBack: boolean;
  nearVerifiedAt: Date | null;
  unlistedLeads: number;
  hotLeads: number;
  /** Further addresses of those in a sequence. */
  hotAliases: number;
};

/** Figures beyond change no decision, and counting them would cost more than they are worth. */
const MOST_COUNTED = 10_000;

/** How every connection that may be called stands, of one workspace or all. Paused workspaces get nothing (R28). */
export async function loadLookupFacts(
  { db, clock }: Pick<Deps, "db" | "clock">,
  workspaceId: string | null,
): Promise<ConnectionLookups[]> {
  const now = clock.now();
  const today = startOfUtcDay(now);
  const rows = await db.$queryRaw<Row[]>`
    SELECT c.id, c."workspaceId", c.provider, c."fullScope", c.state, c.failures, c."breakerUntil", c."lookupsAfter",
           c."warmSweptAt", c."hotCalls", c."warmCalls", c."hotEveryMin", c."warmEveryMin", c."ownerId",
           c."locationId", w."lookupsSentAt",
           (SELECT r."errorCode" FROM "JobRun" r
            WHERE c.failures > 0 AND r."connectionId" = c.id AND r.job = 'sweep' AND r.state = 'failed'
            ORDER BY r."startedAt" DESC LIMIT 1) AS "sweepError",
           EXISTS (SELECT 1 FROM "Incident" i
                   WHERE i."workspaceId" = c."workspaceId" AND i."connectionId" = c.id AND i.kind = 'suspicious_drop'
                     AND i."closedAt" IS NULL) AS "isHeldBack",
           (SELECT CASE WHEN count(*) = 17 THEN min(v."verifiedAt") END FROM "Coverage" v
            WHERE v."connectionId" = c.id AND v.day BETWEEN ${addDays(today, -2)}::date AND ${addDays(today, 14)}::date
           ) AS "nearVerifiedAt",
           (SELECT count(*)::int FROM (
              SELECT DISTINCT a."leadId" FROM "Appointment" a
              WHERE a."connectionId" = c.id AND a.unlisted AND a."leadId" IS NOT NULL
                AND a."startAt" >= ${addDays(today, -2)}::timestamptz
              LIMIT ${MOST_COUNTED}) u) AS "unlistedLeads",
           hot.leads AS "hotLeads", hot.aliases AS "hotAliases"
    FROM "Connection" c JOIN "Workspace" w ON w.id = c."workspaceId"
    CROSS JOIN LATERAL (
      SELECT count(DISTINCT h."leadId")::int AS leads, count(x."emailKey")::int AS aliases FROM (
        SELECT DISTINCT i."leadId" FROM "FollowUpInstance" i
        WHERE i."workspaceId" = c."workspaceId" AND i.status IN ('active', 'paused') AND i.trigger <> 'meeting_booked'
        LIMIT ${MOST_COUNTED}) h
      LEFT JOIN "LeadAlias" x ON x."leadId" = h."leadId") hot
    WHERE c.state <> 'off' AND c."tokenSealed" IS NOT NULL AND NOT w.paused
      AND (${workspaceId}::uuid IS NULL OR w.id = ${workspaceId}::uuid)
    ORDER BY c.id`;
  const loaded: ConnectionLookups[] = [];
  for (const row of rows) {
    const isAnyoneHot = row.hotLeads + row.unlistedLeads > 0;
    loaded.push({
      connectionId: row.id,
      workspaceId: row.workspaceId,
      sentAt: row.lookupsSentAt,
      facts: readFacts(row, now, isAnyoneHot ? await loadSpareCalls({ db }, row) : 0),
    });
  }
  return loaded;
}

function readFacts(row: Row, now: Date, spareCallsPerMin: number): LookupFacts {
  const isAhead = (at: Date | null) => at !== null && at > now;
  return {
    provider: row.provider,
    fullScope: row.fullScope,
    needsPerson: row.state === "action_needed" && row.failures > 0,
    isSweepResting: isAhead(row.breakerUntil),
    areLookupsResting: isAhead(row.lookupsAfter),
    sweepError: row.sweepError,
    isWindowRead: row.warmSweptAt !== null,
    isHeldBack: row.isHeldBack,
    hotEveryMin: row.hotEveryMin,
    nearAgeMs: row.nearVerifiedAt && now.getTime() - row.nearVerifiedAt.getTime(),
    unlistedLeads: row.unlistedLeads,
    hotLeads: row.hotLeads,
    sweepCalls: row.hotCalls,
    lookupCallsPerLead: computeLookupCalls(row.provider, {
      leads: 1,
      addresses: 1 + row.hotAliases / Math.max(1, row.hotLeads),
    }),
    spareCallsPerMin,
  };
}

/** What the sweeps of this connection leave of its budget; where they had to be stretched, the share kept for lookups. */
async function loadSpareCalls({ db }: Pick<Deps, "db">, row: Row): Promise<number> {
  const callsPerMin = await loadCallBudget({ db }, row);
  const isStretched = row.hotEveryMin > PROMISED.hotEveryMin || row.warmEveryMin > PROMISED.warmEveryMin;
  return isStretched ? callsPerMin * (1 - SWEEP_SHARE) : Math.max(0, callsPerMin - computeLoad(row));
}
