import type { Tx } from "#server/db/client.ts";
import type { InstanceStatus, SequenceTrigger } from "#server/db/generated/enums.ts";

export type InstanceEffect =
  | { effect: "stop_instance"; leadId: string; instanceId: string; status: InstanceStatus; reason: string }
  | { effect: "resume_instance"; leadId: string; instanceId: string }
  | {
      effect: "start_instance";
      leadId: string;
      sequenceId: string;
      trigger: SequenceTrigger;
      reason: string;
    };

/** Stops, resumes and starts sequences as a transition decided. An instance that ended meanwhile stays as it ended. */
export async function saveInstances(
  tx: Tx,
  { workspaceId, now }: { workspaceId: string; now: Date },
  effects: InstanceEffect[],
): Promise<{ started: number; stopped: number }> {
  const stops = effects.filter((e) => e.effect === "stop_instance");
  const resumedIds = effects.flatMap((e) => (e.effect === "resume_instance" ? [e.instanceId] : []));
  const starts = effects.filter((e) => e.effect === "start_instance");
  const stopped =
    stops.length === 0
      ? 0
      : await tx.$executeRaw`
          UPDATE "FollowUpInstance" i SET
            status = r.status,
            reason = r.reason,
            "endedAt" = CASE WHEN r.status = 'paused' THEN NULL ELSE ${now}::timestamptz END,
            "nextStepAt" = CASE WHEN r.status = 'paused' THEN i."nextStepAt" ELSE NULL END
          FROM jsonb_to_recordset(${JSON.stringify(stops)}::jsonb)
            AS r("instanceId" uuid, status "InstanceStatus", reason text)
          WHERE i.id = r."instanceId" AND i.status IN ('active', 'paused')`;
  const resumed =
    resumedIds.length === 0
      ? 0
      : await tx.$executeRaw`
          UPDATE "FollowUpInstance" SET status = 'active', reason = NULL
          WHERE id = ANY(${resumedIds}::uuid[]) AND status = 'paused'`;
  const started =
    starts.length === 0
      ? 0
      : await tx.$executeRaw`
          INSERT INTO "FollowUpInstance" ("workspaceId", "leadId", "sequenceId", trigger, "startedAt", "nextStepAt", reason)
          SELECT ${workspaceId}::uuid, r."leadId", r."sequenceId", r.trigger, ${now}::timestamptz, ${now}::timestamptz, r.reason
          FROM jsonb_to_recordset(${JSON.stringify(starts)}::jsonb)
            AS r("leadId" uuid, "sequenceId" uuid, trigger "SequenceTrigger", reason text)
          ON CONFLICT ("leadId", "sequenceId") WHERE status IN ('active', 'paused') DO NOTHING`;
  return { started: started + resumed, stopped };
}
