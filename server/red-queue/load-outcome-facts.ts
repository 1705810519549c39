import type { Db, Tx } from "#server/db/client.ts";
import type { OutcomeFacts } from "./decide-outcome.ts";
import { chooseZone } from "./local-time.ts";
import type { RedKind } from "./red-task.ts";

/** What an outcome is decided by: tries, the lead's clock, and the meetings that stand. */
export async function loadOutcomeFacts(
  db: Db | Tx,
  task: { leadId: string; attempts: number; red: RedKind },
  { workspaceId, now }: { workspaceId: string; now: Date },
): Promise<OutcomeFacts> {
  const { attemptLimit, timezone } = await db.workspace.findUniqueOrThrow({
    where: { id: workspaceId },
    select: { attemptLimit: true, timezone: true },
  });
  const lead = await db.lead.findUniqueOrThrow({ where: { id: task.leadId }, select: { timezone: true } });
  const live = await db.appointment.findMany({
    // One that was rescheduled only waits for its successor: it is no meeting to point at (R16).
    where: {
      leadId: task.leadId,
      workspaceId,
      standing: "live",
      status: { not: "rescheduled" },
      endAt: { gt: now },
    },
    orderBy: [{ startAt: "asc" }, { id: "asc" }],
    select: { id: true },
  });
  return {
    red: task.red,
    attempts: task.attempts,
    attemptLimit,
    zone: chooseZone(lead.timezone, timezone).zone,
    liveMeetingIds: live.map(({ id }) => id),
    now,
  };
}
