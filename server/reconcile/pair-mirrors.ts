import type { Tx } from "#server/db/client.ts";

/**
 * R7: the same lead's meeting at both providers at the same instant, whatever their statuses, is one meeting: the
 * Calendly row is the record and the HighLevel row its copy. A pair once found is kept, so it survives moves; only a
 * copy that followed its rescheduled record becomes the successor's, so that its word on attendance reaches that one.
 *
 * A copy that was lost may have been made again, as long as the meeting stood: what was booked after both were lost is a
 * meeting of its own.
 */
export async function pairMirrors(tx: Tx, leadIds: string[]): Promise<string[]> {
  const paired = new Set<string>();
  // A copy that goes on to the successor leaves its record to another copy: again until nothing moves.
  for (let round = 0; leadIds.length > 0 && round < 20; round++) {
    const ids = await pairOnce(tx, leadIds);
    if (ids.length === 0) break;
    for (const id of ids) paired.add(id);
  }
  return [...paired];
}

async function pairOnce(tx: Tx, leadIds: string[]): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    WITH copies AS (
      SELECT c.id, c."leadId", c."startAt",
             row_number() OVER (PARTITION BY c."leadId", c."startAt" ORDER BY c."providerId") AS place
      FROM "Appointment" c
      LEFT JOIN "Appointment" o ON o.id = c."mirrorOfId"
      WHERE c."leadId" = ANY(${leadIds}::uuid[]) AND c.provider = 'highlevel'
        AND (o.id IS NULL OR (o.status = 'rescheduled' AND o."startAt" <> c."startAt"))
    ), records AS (
      SELECT r.id, r."leadId", r."startAt",
             row_number() OVER (PARTITION BY r."leadId", r."startAt"
                                ORDER BY m.copies IS NOT NULL, r."providerId") AS place
      FROM "Appointment" r
      CROSS JOIN LATERAL (
        SELECT array_agg(m.status) AS copies FROM "Appointment" m WHERE m."mirrorOfId" = r.id) m
      WHERE r."leadId" = ANY(${leadIds}::uuid[]) AND r.provider = 'calendly'
        AND (m.copies IS NULL OR (r.status IN ('confirmed', 'no_show')
          AND m.copies <@ ARRAY['canceled', 'vanished']::"AppointmentStatus"[]))
    )
    UPDATE "Appointment" a SET "mirrorOfId" = records.id
    FROM copies JOIN records USING ("leadId", "startAt", place)
    WHERE a.id = copies.id
    RETURNING a.id`;
  return rows.map(({ id }) => id);
}
