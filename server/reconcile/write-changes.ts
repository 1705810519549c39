import type { Tx } from "#server/db/client.ts";
import type { AppointmentStatus, Source } from "#server/db/generated/enums.ts";
import type { AppointmentRecord } from "./decide-reading.ts";

export type ChangeInput = {
  appointmentId: string;
  leadId: string | null;
  kind: string;
  before: Partial<AppointmentRecord> | null;
  after: Pick<AppointmentRecord, "status" | "asOf"> & Partial<AppointmentRecord>;
  reason: string;
};

/** Fields whose moves history keeps: states, times and ids, never a person's data (R43). */
const TOLD = [
  "startAt",
  "endAt",
  "canceledAt",
  "canceledByType",
  "noShowAt",
  "rescheduledFromId",
  "rescheduledToId",
  "calendarId",
  "providerStatus",
] as const;

/** Appends to history, which is never rewritten (R20). */
export async function writeChanges(
  tx: Tx,
  step: { workspaceId: string; now: Date; source: Source; backfillId?: string },
  changes: ChangeInput[],
): Promise<void> {
  if (changes.length === 0) return;
  const rows = JSON.stringify(
    changes.map(({ appointmentId, leadId, kind, before, after, reason }) => ({
      appointmentId,
      leadId,
      kind,
      fromStatus: before?.status ?? null,
      toStatus: after.status satisfies AppointmentStatus,
      diff: describeDiff(before, after),
      asOf: after.asOf,
      reason,
    })),
  );
  await tx.$executeRaw`
    INSERT INTO "AppointmentChange" ("workspaceId", "appointmentId", "leadId", at, kind, "fromStatus", "toStatus", diff,
                                     "asOf", source, reason, "backfillId")
    SELECT ${step.workspaceId}::uuid, r."appointmentId", r."leadId", ${step.now}::timestamptz, r.kind, r."fromStatus",
           r."toStatus", r.diff, r."asOf", ${step.source}::"Source", r.reason, ${step.backfillId ?? null}::uuid
    FROM jsonb_to_recordset(${rows}::jsonb) AS r(
      "appointmentId" uuid, "leadId" uuid, kind text, "fromStatus" "AppointmentStatus", "toStatus" "AppointmentStatus",
      diff jsonb, "asOf" timestamptz, reason text)`;
}

function describeDiff(
  before: Partial<AppointmentRecord> | null,
  after: Partial<AppointmentRecord>,
): Record<string, [unknown, unknown]> {
  if (before === null) return {};
  const diff: Record<string, [unknown, unknown]> = {};
  for (const key of TOLD) {
    if (!(key in after)) continue;
    const left = toPlain(before[key]);
    const right = toPlain(after[key]);
    if (left !== right) diff[key] = [left, right];
  }
  return diff;
}

function toPlain(value: unknown): unknown {
  return value instanceof Date ? value.toISOString() : (value ?? null);
}
