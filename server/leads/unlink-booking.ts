import { operator } from "#server/audit/actor.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import { mayDo, type WorkspaceRole } from "#server/auth/permissions.ts";
import type { Tx } from "#server/db/client.ts";
import type { BookingLink } from "#server/db/generated/client.ts";
import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { publish } from "#server/db/outbox.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { conflict, forbidden, notFound } from "#server/lib/errors.ts";
import { decideUndo, type KeptReason } from "#server/mismatches/decide-undo.ts";
import { decidedColumns, giveBack } from "#server/mismatches/decided-fields.ts";
import { restoreFollowUps } from "#server/mismatches/restore-follow-ups.ts";
import { convergeLeads, type Step } from "#server/reconcile/converge-leads.ts";
import { linkAppointments, markSharedBookings } from "#server/reconcile/link-appointments.ts";
import { pairMirrors } from "#server/reconcile/pair-mirrors.ts";
import { findConcerned } from "#server/reconcile/rematch-leads.ts";
import { writeLinkChanges } from "#server/reconcile/write-link-changes.ts";
import { type BookingKeys, findHolders, loadBookingKeys } from "./booking-keys.ts";
import { decideUnlink } from "./decide-unlink.ts";
import { isEqual, type LeadChange, snapshotLeads } from "./lead-snapshot.ts";

const REFUSALS: Record<"not_linked" | KeptReason, string> = {
  not_linked: "Nobody's word ties this booking to a lead any more.",
  changed_since: "The lead changed since the booking was linked.",
  task_worked_on: "Somebody works on the lead's task since the booking was linked.",
  sequence_moved: "The lead's sequence went on since the booking was linked.",
  lead_gone: "The lead is gone.",
};

/**
 * R11: takes back a person's word on whose booking this is, with the alias that it stored and all that followed from it:
 * the booking and its chain are matched again, and each lead reads as before. Refused as a whole where somebody or some
 * evidence moved one of them since.
 */
export async function unlinkBooking(
  { db, clock }: Pick<Deps, "db" | "clock">,
  who: { workspaceId: string; userId: string; role: WorkspaceRole },
  appointmentId: string,
): Promise<void> {
  const { workspaceId, userId } = who;
  await runTransaction(db, "unlink booking", async (tx) => {
    await lockWorkspace(tx, workspaceId);
    // Not before: whoever had the turn first happened first.
    const now = clock.now();
    const actor = operator(userId);
    const step: Step = { workspaceId, source: "operator", reason: "booking_unlinked", now, actor };
    const booking = await tx.appointment.findFirst({
      where: { id: appointmentId, workspaceId },
      include: { link: true },
    });
    if (!booking) throw notFound("Meeting");
    const { link } = booking;
    const changes = readChanges(link);
    const decision = decideUnlink({
      link,
      bookingLeadId: booking.leadId,
      linkedBy: booking.linkedBy,
      askedById: userId,
      mayUndoOthers: mayDo(who.role, "mismatches.bulk"),
      kept: await findKept(tx, changes),
    });
    if (decision.verdict === "refuse") throw refuse(decision.code);
    if (!link) return;

    const keys = await loadBookingKeys(tx, booking);
    const holders = await findHolders(tx, keys);
    await writeAudit(tx, actor, now, [
      {
        workspaceId,
        verb: "booking_unlinked",
        subjectType: "appointment",
        subjectId: appointmentId,
        leadId: link.leadId,
        before: { leadId: link.leadId, ...statusOf(changes, link.leadId, "after") },
        after: { leadId: null, ...statusOf(changes, link.leadId, "before") },
        source: "operator",
      },
    ]);
    await forget(tx, link);
    const moved = await matchAgain(tx, step, appointmentId, keys);
    const leadIds = changes.map(({ leadId }) => leadId);
    // Evidence alone: what followed from the link is taken back below, and nothing follows from its end.
    await convergeLeads(tx, leadIds, { ...step, skipSideEffects: true });
    await expectEvidence(tx, changes);
    await restore(tx, workspaceId, changes, now);
    // Leads that share its address are gated again (R13); whoever else has it now has what follows from that.
    const shared = [...new Set([...moved.sharedLeadIds, ...holders.map(({ leadId }) => leadId)])];
    await markSharedBookings(tx, workspaceId, shared, now);
    await convergeLeads(tx, [...new Set([...leadIds, ...moved.leadIds, ...shared])], step);
    await publish(tx, now, [
      { workspaceId, kind: "lead", ids: leadIds },
      { workspaceId, kind: "mismatch", ids: leadIds },
    ]);
  });
}

function refuse(code: KeptReason | "not_linked" | "not_yours") {
  if (code === "not_yours") {
    return forbidden("Only who linked it, an ops lead or an owner can take this back.");
  }
  return conflict(code, REFUSALS[code]);
}

function readChanges(link: BookingLink | null): LeadChange[] {
  // Written by `linkBooking` alone.
  return (link?.leads ?? []) as unknown as LeadChange[];
}

async function findKept(tx: Tx, changes: LeadChange[]): Promise<(KeptReason | null)[]> {
  const current = await snapshotLeads(
    tx,
    changes.map(({ leadId }) => leadId),
  );
  return changes.map(({ leadId, after, effects }) => {
    const lead = current.get(leadId);
    return lead
      ? decideUndo({ isSame: isEqual(lead.labels, after), effects }, lead.followUps)
      : decideUndo({ isSame: null, effects }, { tasks: [], instances: [], offerIds: [] });
  });
}

/** The addresses and contacts that this very link stored, and the link itself. */
async function forget(
  tx: Tx,
  { appointmentId, workspaceId, leadId, emailKeys, contactIds }: BookingLink,
): Promise<void> {
  await tx.leadAlias.deleteMany({ where: { workspaceId, leadId, emailKey: { in: emailKeys } } });
  await tx.leadContact.deleteMany({ where: { workspaceId, leadId, contactId: { in: contactIds } } });
  await tx.bookingLink.delete({ where: { appointmentId } });
}

/** The booking, its chain, and what came under the keys that are forgotten. */
async function matchAgain(tx: Tx, step: Step, appointmentId: string, keys: BookingKeys) {
  const { workspaceId, now } = step;
  // Like what an address linked: looked at again, and nobody's where no key of its own says whose.
  await tx.appointment.update({
    where: { id: appointmentId },
    data: { linkedBy: "alias", updatedAt: now },
  });
  const ids = [appointmentId, ...(await findConcerned(tx, keys))];
  const links = await linkAppointments(tx, workspaceId, [...new Set(ids)]);
  await writeLinkChanges(tx, step, links.relinked);
  await pairMirrors(tx, links.leadIds);
  return links;
}

/** Something else that came or went since would make the old labels a lie. */
async function expectEvidence(tx: Tx, changes: LeadChange[]): Promise<void> {
  const current = await snapshotLeads(
    tx,
    changes.map(({ leadId }) => leadId),
  );
  const isAsBefore = changes.every(({ leadId, evidence }) => {
    const lead = current.get(leadId);
    return lead !== undefined && isEqual(lead.evidence, evidence);
  });
  if (!isAsBefore) throw refuse("changed_since");
}

async function restore(tx: Tx, workspaceId: string, changes: LeadChange[], now: Date): Promise<void> {
  const rows = changes.map(({ leadId, before, changedAt }) => ({ ...before, leadId, changedAt }));
  await tx.$executeRaw`
    UPDATE "Lead" l SET
      ${giveBack}, "meetingChangedAt" = b."changedAt", version = l.version + 1, "updatedAt" = ${now}::timestamptz
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS b("leadId" uuid, "changedAt" timestamptz, ${decidedColumns})
    WHERE l.id = b."leadId"`;
  await restoreFollowUps(
    tx,
    workspaceId,
    changes.flatMap(({ effects }) => (effects ? [effects] : [])),
    now,
  );
}

function statusOf(changes: LeadChange[], leadId: string, side: "before" | "after"): { status?: unknown } {
  const change = changes.find((each) => each.leadId === leadId);
  return change ? { status: change[side].status } : {};
}
