import type { Tx } from "#server/db/client.ts";
import type { Source, Standing } from "#server/db/generated/enums.ts";
import { decideAttendance } from "./decide-standing.ts";
import type { TransitionDecision } from "./decide-transition.ts";
import type { LeadRow } from "./load-transition-facts.ts";

type Outcome = { row: LeadRow; standings: Map<string, Standing | null>; decision: TransitionDecision };

/**
 * Copies each lead's primary onto its row, remembers what every appointment counted as, and sets the status that
 * the decision gave. Rows that are equal already are not written. A change of evidence clears a standing decision
 * on the mismatch (R23: kept ones return on new evidence only).
 */
export async function saveRollups(
  tx: Tx,
  outcomes: Outcome[],
  step: { source: Source; now: Date },
): Promise<{
  changedIds: string[];
  mismatchIds: string[];
  mismatchesOpened: number;
  mismatchesClosed: number;
}> {
  await saveStandings(tx, outcomes);
  const rows = JSON.stringify(outcomes.map(toRow));
  const changed = await tx.$queryRaw<{ id: string; mismatchKind: number | null }[]>`
    UPDATE "Lead" l SET
      "meetingState" = r.state,
      "primaryId" = r."primaryId",
      "meetingProvider" = a.provider,
      "meetingStatus" = a.status,
      "meetingStartAt" = a."startAt",
      "meetingEndAt" = a."endAt",
      "meetingCanceledAt" = a."canceledAt",
      "meetingBookedAt" = coalesce(a."providerCreatedAt", a."firstSeenAt"),
      "meetingSource" = a.source,
      "meetingAsOf" = a."asOf",
      "lostAt" = r."lostAt",
      "redecideAt" = r."redecideAt",
      "meetingChangedAt" = CASE WHEN l."meetingState" <> r.state THEN ${step.now}::timestamptz ELSE l."meetingChangedAt" END,
      status = coalesce(r.status, l.status),
      "statusAt" = CASE WHEN r.status IS NULL THEN l."statusAt" ELSE ${step.now}::timestamptz END,
      "statusSource" = CASE WHEN r.status IS NULL THEN l."statusSource" ELSE ${step.source}::"Source" END,
      decision = CASE WHEN e.moved THEN NULL ELSE l.decision END,
      "decisionReason" = CASE WHEN e.moved THEN NULL ELSE l."decisionReason" END,
      "decisionAt" = CASE WHEN e.moved THEN NULL ELSE l."decisionAt" END,
      "decisionById" = CASE WHEN e.moved THEN NULL ELSE l."decisionById" END,
      "decisionUntil" = CASE WHEN e.moved THEN NULL ELSE l."decisionUntil" END,
      "causeKind" = CASE WHEN e.moved THEN NULL ELSE l."causeKind" END,
      "attendanceUnrecorded" = l."attendanceUnrecorded" AND NOT r.recorded,
      version = l.version + 1,
      "updatedAt" = ${step.now}::timestamptz
    FROM jsonb_to_recordset(${rows}::jsonb) AS r(
           id uuid, state "MeetingState", "primaryId" uuid, "lostAt" timestamptz, "redecideAt" timestamptz,
           status "LeadStatus", recorded boolean)
    LEFT JOIN "Appointment" a ON a.id = r."primaryId"
    -- A meeting that was booked and is over is the same evidence: time decides nothing anew (R23).
    CROSS JOIN LATERAL (SELECT (CASE x."meetingState" WHEN 'held' THEN 'booked' ELSE x."meetingState" END)
                                 IS DISTINCT FROM (CASE r.state WHEN 'held' THEN 'booked' ELSE r.state END)
                            OR x."primaryId" IS DISTINCT FROM r."primaryId"
                            OR x."meetingStatus" IS DISTINCT FROM a.status
                            OR x."meetingStartAt" IS DISTINCT FROM a."startAt"
                            OR x."lostAt" IS DISTINCT FROM r."lostAt" AS moved
                        FROM "Lead" x WHERE x.id = r.id) e
    WHERE l.id = r.id
      AND (e.moved OR l."meetingState" <> r.state OR r.status IS NOT NULL
        OR (l."attendanceUnrecorded" AND r.recorded)
        OR l."redecideAt" IS DISTINCT FROM r."redecideAt"
        OR l."meetingEndAt" IS DISTINCT FROM a."endAt"
        OR l."meetingCanceledAt" IS DISTINCT FROM a."canceledAt"
        OR l."meetingAsOf" IS DISTINCT FROM a."asOf"
        OR l."meetingSource" IS DISTINCT FROM a.source)
    RETURNING l.id, l."mismatchKind"`;

  const before = new Map(outcomes.map(({ row }) => [row.id, row.mismatchKind]));
  const moved = changed.filter(({ id, mismatchKind }) => (before.get(id) ?? null) !== mismatchKind);
  return {
    changedIds: changed.map(({ id }) => id),
    mismatchIds: moved.map(({ id }) => id),
    mismatchesOpened: moved.filter(({ mismatchKind }) => mismatchKind !== null).length,
    mismatchesClosed: moved.filter(({ id }) => (before.get(id) ?? null) !== null).length,
  };
}

function toRow({ row, decision }: Outcome) {
  const status = decision.effects.find((e) => e.effect === "set_status");
  const { primary } = decision.primary;
  return {
    id: row.id,
    state: decision.primary.state,
    primaryId: decision.primary.primary?.id ?? null,
    lostAt: decision.primary.lostAt,
    redecideAt: decision.primary.redecideAt,
    status: status?.status ?? null,
    // R21, kind 5: only a meeting that was held and of which nobody says more can stay flagged.
    recorded: primary?.standing !== "held" || decideAttendance(primary) !== "confirmed",
  };
}

async function saveStandings(tx: Tx, outcomes: Outcome[]): Promise<void> {
  const changed = outcomes.flatMap(({ standings, decision }) =>
    decision.primary.judged.flatMap(({ id, standing }) =>
      standings.get(id) === standing ? [] : [{ id, standing }],
    ),
  );
  if (changed.length === 0) return;
  await tx.$executeRaw`
    UPDATE "Appointment" a SET standing = r.standing
    FROM jsonb_to_recordset(${JSON.stringify(changed)}::jsonb) AS r(id uuid, standing "Standing")
    WHERE a.id = r.id`;
}
