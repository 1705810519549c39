import type { Tx } from "#server/db/client.ts";
import {
  computeFollowUpChanges,
  type FollowUpChanges,
} from "#server/mismatches/compute-follow-up-changes.ts";
import { decidedFields } from "#server/mismatches/decided-fields.ts";
import { type FollowUps, snapshotFollowUps } from "#server/mismatches/snapshot-follow-ups.ts";

/** A row of the database's own JSON, kept and compared whole: its keys are always in the same order. */
type Json = Record<string, unknown>;

export type LeadSnapshot = {
  /** Labels and decision, as a person or a rule set them. */
  labels: Json;
  /** What its evidence amounts to. */
  evidence: Json;
  /** Since when its meeting state holds. */
  changedAt: string | null;
  followUps: FollowUps;
};

/** What one act did to a lead, so that it can be taken back exactly. */
export type LeadChange = {
  leadId: string;
  before: Json;
  after: Json;
  /** Its evidence as it read before, and since when. */
  evidence: Json;
  changedAt: string | null;
  effects: FollowUpChanges | null;
};

/** Everything of these leads that evidence may move; leads that are gone have no entry. */
export async function snapshotLeads(tx: Tx, leadIds: string[]): Promise<Map<string, LeadSnapshot>> {
  // A meeting that was booked and is over by now is the same evidence (R23).
  const rows = await tx.$queryRaw<({ id: string } & Omit<LeadSnapshot, "followUps">)[]>`
    SELECT l.id, ${decidedFields} AS labels, jsonb_build_object(
      'state', CASE l."meetingState" WHEN 'held' THEN 'booked' ELSE l."meetingState" END, 'primaryId', l."primaryId",
      'startAt', l."meetingStartAt", 'status', l."meetingStatus", 'lostAt', l."lostAt") AS evidence,
      to_jsonb(l."meetingChangedAt") AS "changedAt"
    FROM "Lead" l WHERE l.id = ANY(${leadIds}::uuid[])`;
  const followUps = await snapshotFollowUps(
    tx,
    rows.map(({ id }) => id),
  );
  return new Map(rows.map(({ id, ...row }) => [id, { ...row, followUps: followUps(id) }]));
}

/** Only leads that differ. */
export function computeLeadChanges(
  before: Map<string, LeadSnapshot>,
  after: Map<string, LeadSnapshot>,
): LeadChange[] {
  return [...before].flatMap(([leadId, old]) => {
    const now = after.get(leadId);
    if (!now) return [];
    const effects = computeFollowUpChanges(old.followUps, now.followUps);
    const isSame = isEqual(old.labels, now.labels) && isEqual(old.evidence, now.evidence);
    if (isSame && effects === null) return [];
    const { labels, evidence, changedAt } = old;
    return [{ leadId, before: labels, after: now.labels, evidence, changedAt, effects }];
  });
}

export function isEqual(a: Json, b: Json): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
