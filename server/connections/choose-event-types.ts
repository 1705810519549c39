import type { Actor } from "#server/audit/actor.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { publish } from "#server/db/outbox.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { AppError } from "#server/lib/errors.ts";
import { type ConnectionRef, findActiveConnection } from "./find-connection.ts";
import { sendSweep } from "./save-connection.ts";

/**
 * Says which event types or calendars count as configured (R10). Bookings on others stay evidence, marked so; the
 * mark follows at once, and a sweep reads what the old choice may have left out.
 */
export async function chooseEventTypes(
  deps: Pick<Deps, "db" | "clock" | "queue">,
  actor: Actor,
  { selected, includeNew, ...ref }: ConnectionRef & { selected: string[]; includeNew: boolean },
): Promise<{ selected: number; total: number }> {
  const row = await findActiveConnection(deps.db, ref);
  const now = deps.clock.now();
  return await runTransaction(deps.db, "chooseEventTypes", async (tx) => {
    await lockWorkspace(tx, row.workspaceId);
    const { count: total } = await tx.connectionEventType.updateMany({
      where: { connectionId: row.id },
      data: { selected: false },
    });
    const { count } = await tx.connectionEventType.updateMany({
      where: { connectionId: row.id, providerId: { in: selected } },
      data: { selected: true },
    });
    if (count === 0) throw new AppError("nothing_selected", "Select at least one.", { status: 400 });
    await tx.connection.update({
      where: { id: row.id },
      data: { eventTypesChosenAt: now, includeNewEventTypes: includeNew, version: { increment: 1 } },
    });
    await tx.$executeRaw`
      UPDATE "Appointment" a SET "onConfiguredType" = c.chosen
      FROM (SELECT b.id, EXISTS (SELECT 1 FROM "ConnectionEventType" t WHERE t."connectionId" = b."connectionId"
              AND t."providerId" = b."calendarId" AND t.selected) AS chosen
            FROM "Appointment" b WHERE b."connectionId" = ${row.id}::uuid) c
      WHERE a.id = c.id AND a."onConfiguredType" <> c.chosen`;
    await writeAudit(tx, actor, now, [
      {
        workspaceId: row.workspaceId,
        verb: "connection_event_types_chosen",
        subjectType: "connection",
        subjectId: row.id,
        after: { selected: count, total, includeNew },
        source: "operator",
      },
    ]);
    await sendSweep({ queue: deps.queue, tx }, row.id, "event_types_chosen");
    await publish(tx, now, [{ workspaceId: row.workspaceId, kind: "connection", ids: [row.id] }]);
    return { selected: count, total };
  });
}
