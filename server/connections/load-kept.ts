import type { Db } from "#server/db/client.ts";

export type KeptEvidence = { meetings: number; openRedTasks: number };

const RED_TYPES = ["meeting_canceled", "meeting_no_show", "meeting_rescheduled"] as const;

/** What stays after a connection ends, and no longer follows its provider. */
export async function loadKept(
  db: Db,
  connection: { id: string; workspaceId: string; provider: "calendly" | "highlevel" },
): Promise<KeptEvidence> {
  const { workspaceId, provider } = connection;
  const [meetings, openRedTasks] = await Promise.all([
    db.appointment.count({ where: { workspaceId, connectionId: connection.id } }),
    db.task.count({
      where: {
        workspaceId,
        type: { in: [...RED_TYPES] },
        status: { in: ["pending", "snoozed"] },
        lead: { appointments: { some: { provider } } },
      },
    }),
  ]);
  return { meetings, openRedTasks };
}
