import { type Actor, operator } from "#server/audit/actor.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { publish } from "#server/db/outbox.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { conflict, notFound } from "#server/lib/errors.ts";
import { convergeLeads } from "#server/reconcile/converge-leads.ts";
import { markInForce } from "#server/reconcile/decide-standing.ts";
import { decideMark, type Mark } from "./decide-mark.ts";
import { requireVisibleLead, type Viewer } from "./lead-scope.ts";

const REFUSALS = {
  not_over: "The meeting is not over yet.",
  provider_decided: "The provider has said who came, and its word outranks a mark.",
  not_held: "This meeting was lost or moved, so nobody could come.",
  is_copy: "This is a copy. Mark the record that it copies.",
};

/**
 * R6: an operator's word on who came, or a program's that speaks for one. It becomes part of the history and goes down
 * the road like any evidence.
 */
export async function setAttendance(
  deps: Pick<Deps, "db" | "clock">,
  viewer: Viewer,
  { appointmentId, mark }: { appointmentId: string; mark: Mark },
  actor: Actor = operator(viewer.userId),
): Promise<{ appointmentId: string; mark: Mark }> {
  const { workspaceId } = viewer;
  return runTransaction(deps.db, "set attendance", async (tx) => {
    await lockWorkspace(tx, workspaceId);
    // Not before: whoever had the turn first happened first.
    const now = deps.clock.now();
    const appointment = await tx.appointment.findFirst({ where: { id: appointmentId, workspaceId } });
    if (!appointment?.leadId) throw notFound("Meeting");
    const { leadId } = appointment;
    await requireVisibleLead(tx, viewer, leadId);
    const copies = await tx.appointment.findMany({
      where: { mirrorOfId: appointment.id },
      select: { status: true },
    });
    const before = markInForce(appointment);
    const facts = { ...appointment, attendanceMark: before, copyStatuses: copies.map((c) => c.status) };
    const decision = decideMark(facts, mark, now);
    if (decision.verdict === "refuse") throw conflict(decision.code, REFUSALS[decision.code]);
    if (decision.verdict === "unchanged") return { appointmentId, mark };

    await tx.appointment.update({
      where: { id: appointmentId },
      data: {
        attendanceMark: mark,
        attendanceMarkAt: mark === null ? null : now,
        attendanceMarkById: mark === null ? null : actor.id,
        updatedAt: now,
      },
    });
    await tx.appointmentChange.create({
      data: {
        workspaceId,
        appointmentId,
        leadId,
        at: now,
        kind: "marked",
        fromStatus: before ?? appointment.status,
        toStatus: mark ?? appointment.status,
        asOf: now,
        source: "operator",
        reason: "attendance_marked",
      },
    });
    await writeAudit(tx, actor, now, [
      {
        workspaceId,
        verb: "attendance_marked",
        subjectType: "appointment",
        subjectId: appointmentId,
        leadId,
        before: { mark: before },
        after: { mark },
        source: "operator",
      },
    ]);
    await convergeLeads(tx, [leadId], {
      workspaceId,
      source: "operator",
      reason: "attendance_marked",
      now,
      actor,
    });
    await publish(tx, now, [{ workspaceId, kind: "lead", ids: [leadId] }]);
    return { appointmentId, mark };
  });
}
