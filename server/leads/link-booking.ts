import type { Actor } from "#server/audit/actor.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import type { Tx } from "#server/db/client.ts";
import type { Appointment, Prisma } from "#server/db/generated/client.ts";
import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { conflict, notFound } from "#server/lib/errors.ts";
import { convergeLeads, type Step } from "#server/reconcile/converge-leads.ts";
import { linkAppointments } from "#server/reconcile/link-appointments.ts";
import { pairMirrors } from "#server/reconcile/pair-mirrors.ts";
import { findConcerned, rematchLeads } from "#server/reconcile/rematch-leads.ts";
import { writeLinkChanges } from "#server/reconcile/write-link-changes.ts";
import { type BookingKeys, findHolders, loadBookingKeys } from "./booking-keys.ts";
import { decideLink, type LinkFacts } from "./decide-link.ts";
import { computeLeadChanges, snapshotLeads } from "./lead-snapshot.ts";

export type LinkBookingInput = {
  appointmentId: string;
  leadId: string;
  rememberAlias: LinkFacts["rememberAlias"];
};

const REFUSALS = {
  already_linked: "This booking belongs to another lead.",
  nothing_to_remember: "This booking has neither an address nor a contact that could be remembered.",
  alias_taken: "This address belongs to another lead too. Link the booking without remembering it.",
};

/**
 * R11: a person says whose booking this is. It stays theirs whatever addresses come later, its chain follows it (R16),
 * and with `rememberAlias` every booking under the same address or contact does. What it did is kept for
 * `unlinkBooking`. Saying it twice changes nothing.
 */
export async function linkBooking(
  { db, clock }: Pick<Deps, "db" | "clock">,
  { workspaceId, actor }: { workspaceId: string; actor: Actor },
  { appointmentId, leadId, rememberAlias }: LinkBookingInput,
): Promise<{ isRemembered: boolean }> {
  return runTransaction(db, "link booking", async (tx) => {
    await lockWorkspace(tx, workspaceId);
    // Not before: whoever had the turn first happened first.
    const now = clock.now();
    const step: Step = { workspaceId, source: "operator", reason: "booking_linked", now, actor };
    const booking = await tx.appointment.findFirst({ where: { id: appointmentId, workspaceId } });
    if (!booking) throw notFound("Meeting");
    const lead = await tx.lead.findFirst({ where: { id: leadId, workspaceId }, select: { id: true } });
    if (!lead) throw notFound("Lead");

    const keys = await loadBookingKeys(tx, booking);
    const holderIds = (await findHolders(tx, keys)).map((holder) => holder.leadId);
    const decision = decideLink({
      bookingLeadId: booking.leadId,
      leadId,
      rememberAlias,
      address: booking.attendeeKey,
      contactId: booking.contactId,
      holderIds,
    });
    if (decision.verdict === "refuse") throw conflict(decision.code, REFUSALS[decision.code]);

    const remembered = decision.remembers === "keys" ? await remember(tx, step, keys, leadId) : NOTHING;
    const isRemembered = remembered.emailKeys.length + remembered.contactIds.length > 0;
    const isLinked = booking.leadId !== leadId || booking.linkedBy !== "operator";
    if (!isRemembered && !isLinked) return { isRemembered: decision.remembers === "keys" };

    if (isLinked) await giveTo(tx, booking, leadId, now);
    const chain = await linkAppointments(tx, workspaceId, [appointmentId]);
    const related = [leadId, ...holderIds, ...chain.leadIds, ...(await findOwners(tx, keys))];
    const before = await snapshotLeads(tx, [...new Set(related)]);
    const own = booking.leadId === leadId ? [] : [{ id: appointmentId, before: null, after: leadId }];
    await writeLinkChanges(tx, step, [...own, ...chain.relinked]);
    await writeAudit(tx, actor, now, [
      {
        workspaceId,
        verb: "booking_linked",
        subjectType: "appointment",
        subjectId: appointmentId,
        leadId,
        before: { leadId: booking.leadId },
        after: { leadId, remembered: isRemembered },
        source: "operator",
      },
    ]);
    const concerned = [...new Set([leadId, ...chain.leadIds])];
    await pairMirrors(tx, concerned);
    await convergeLeads(tx, concerned, step);
    // Other bookings under the same keys, and leads that this one booking had gated (R13).
    await rematchLeads(tx, { ...keys, leadIds: [...new Set([leadId, ...holderIds])] }, step);

    const changes = computeLeadChanges(before, await snapshotLeads(tx, [...before.keys()]));
    // A word that was only added to cannot be taken back whole.
    await tx.bookingLink.deleteMany({ where: { appointmentId } });
    if (isLinked) {
      await tx.bookingLink.create({
        data: {
          appointmentId,
          workspaceId,
          leadId,
          linkedById: actor.kind === "operator" ? actor.id : null,
          linkedAt: now,
          ...remembered,
          // Rows of the database's own JSON.
          leads: changes as unknown as Prisma.InputJsonArray,
        },
      });
    }
    return { isRemembered: decision.remembers === "keys" };
  });
}

async function giveTo(tx: Tx, { id, ...booking }: Appointment, leadId: string, now: Date): Promise<void> {
  await tx.appointment.update({
    where: { id },
    data: {
      leadId,
      linkedBy: "operator",
      ambiguous: false,
      updatedAt: now,
      // What it counted as was decided for nobody.
      ...(booking.leadId === leadId ? {} : { standing: null }),
    },
  });
}

/** Whose the bookings under these keys are that may change hands when one of them does. */
async function findOwners(tx: Tx, keys: BookingKeys): Promise<string[]> {
  const rows = await tx.appointment.findMany({
    where: { id: { in: await findConcerned(tx, keys) }, leadId: { not: null } },
    select: { leadId: true },
  });
  return rows.flatMap(({ leadId }) => leadId ?? []);
}

type Remembered = { emailKeys: string[]; contactIds: string[] };
const NOTHING: Remembered = { emailKeys: [], contactIds: [] };

/** Answers what was new. The lead's own address is no alias of it. */
async function remember(
  tx: Tx,
  step: Step,
  { emailKeys, contactIds }: BookingKeys,
  leadId: string,
): Promise<Remembered> {
  const { workspaceId, now, actor } = step;
  const confirmedById = actor?.kind === "operator" ? actor.id : null;
  const aliases = await tx.$queryRaw<{ key: string }[]>`
    INSERT INTO "LeadAlias" ("workspaceId", "emailKey", "leadId", "confirmedById", source, "createdAt")
    SELECT ${workspaceId}::uuid, k.key, ${leadId}::uuid, ${confirmedById}, 'operator', ${now}::timestamptz
    FROM unnest(${emailKeys}::text[]) AS k(key)
    WHERE NOT EXISTS (SELECT 1 FROM "Lead" l WHERE l.id = ${leadId}::uuid AND l."emailKey" = k.key)
    ON CONFLICT DO NOTHING
    RETURNING "emailKey" AS key`;
  const contacts = await tx.$queryRaw<{ id: string }[]>`
    INSERT INTO "LeadContact" ("workspaceId", "contactId", "leadId")
    SELECT ${workspaceId}::uuid, k.id, ${leadId}::uuid FROM unnest(${contactIds}::text[]) AS k(id)
    ON CONFLICT DO NOTHING
    RETURNING "contactId" AS id`;
  return { emailKeys: aliases.map(({ key }) => key), contactIds: contacts.map(({ id }) => id) };
}
