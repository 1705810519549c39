import type { Tx } from "#server/db/client.ts";
import type { Source } from "#server/db/generated/enums.ts";

/** What reaches people and sequences, in the words of the metric. */
export const EFFECTS = [
  "status_changed",
  "red_created",
  "red_closed",
  "instance_started",
  "instance_stopped",
  "stray_completed",
] as const;

export type EffectName = (typeof EFFECTS)[number];

/**
 * Adds to the totals of effects, in the transaction that has them: what is rolled back was never counted, and what is
 * done twice is counted once. The caller holds `lockWorkspace`, so that nobody waits here for anybody else.
 */
export async function countEffects(
  tx: Tx,
  { workspaceId, source }: { workspaceId: string; source: Source },
  effects: Partial<Record<EffectName, number>>,
): Promise<void> {
  const rows = Object.entries(effects).flatMap(([effect, count]) => (count > 0 ? [{ effect, count }] : []));
  if (rows.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO "EffectTotal" AS t ("workspaceId", effect, source, total)
    SELECT ${workspaceId}::uuid, r.effect, ${source}::"Source", r.count
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(effect text, count bigint)
    ON CONFLICT ("workspaceId", effect, source) DO UPDATE SET total = t.total + excluded.total`;
}
