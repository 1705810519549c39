import type { Tx } from "#server/db/client.ts";
import type { AppointmentStatus } from "#server/db/generated/enums.ts";
import { publish } from "#server/db/outbox.ts";
import type { Step } from "./converge-leads.ts";
import type { Relinked } from "./link-appointments.ts";
import { writeChanges } from "./write-changes.ts";

/**
 * History of bookings that found, changed or lost their lead while what the provider says of them stayed (R20). Who
 * looks at bookings without a lead is told of those that came or went.
 */
export async function writeLinkChanges(tx: Tx, step: Step, relinked: Relinked[]): Promise<void> {
  if (relinked.length === 0) return;
  const ids = relinked.map(({ id }) => id);
  const rows = await tx.$queryRaw<{ id: string; status: AppointmentStatus; asOf: Date }[]>`
    SELECT id, status, "asOf" FROM "Appointment" WHERE id = ANY(${ids}::uuid[])`;
  const known = new Map(rows.map((row) => [row.id, row]));
  await writeChanges(
    tx,
    step,
    relinked.flatMap(({ id, before, after }) => {
      const row = known.get(id);
      if (!row) return [];
      const change = { appointmentId: id, before: null, after: row, reason: step.reason };
      // One that goes from one lead to another is told to both.
      return [
        ...(before ? [{ ...change, leadId: before, kind: "unlinked" }] : []),
        ...(after ? [{ ...change, leadId: after, kind: "linked" }] : []),
      ];
    }),
  );
  const moved = relinked.filter(({ before, after }) => before === null || after === null);
  await publish(tx, step.now, [
    { workspaceId: step.workspaceId, kind: "booking", ids: moved.map(({ id }) => id) },
  ]);
}
