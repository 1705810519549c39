import type { Actor } from "#server/audit/actor.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import type { Tx } from "#server/db/client.ts";
import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { conflict, notFound } from "#server/lib/errors.ts";
import { convergeLeads, type Step } from "#server/reconcile/converge-leads.ts";
import { linkAppointments } from "#server/reconcile/link-appointments.ts";
import { pairMirrors } from "#server/reconcile/pair-mirrors.ts";
import { rematchLeads } from "#server/reconcile/rematch-leads.ts";
import { writeLinkChanges } from "#server/reconcile/write-link-changes.ts";
import { decideLink } from "./decide-link.ts";

export type LinkBookingInput = { appointmentId: string; leadId: string; rememberAlias: boolean };

const REFUSALS = {
  already_linked: "This booking belongs to another lead.",
  nothing_to_remember: "This booking has neither an address nor a contact that could be remembered.",
  alias_taken: "This address belongs to another lead too. Link the booking without remembering it.",
};

/**
 * R11: a person says whose booking this is. It stays theirs whatever addresses come later, its chain follows it (R16),
 * and with `rememberAlias` every booking under the same address or contact does. Saying it twice changes nothing.
 */
export async function linkBooking(
  { db, clock }: Pick<Deps, "db" | "clock">,
  { workspaceId, actor }: { workspaceId: string; actor: Actor },
  { appointmentId, leadId, rememberAlias }: LinkBookingInput,
): Promise<void> {
  await runTransaction(db, "link booking", async (tx) => {
    await lockWorkspace(tx, workspaceId);
    // Not before: whoever had the turn first happened first.
    const now = clock.now();
    const step: Step = { workspaceId, source: "operator", reason: "booking_linked", now, actor };
    const booking = await tx.appointment.findFirst({ where: { id: appointmentId, workspaceId } });
    if (!booking) throw notFound("Meeting");
    const lead = await tx.lead.findFirst({ where: { id: leadId, workspaceId }, select: { id: true } });
    if (!lead) throw notFound("Lead");

    const keys = await loadKeys(tx, booking);
    const holderIds = await findHolders(tx, keys);
    const decision = decideLink({
      bookingLeadId: booking.leadId,
      leadId,
      rememberAlias,
      address: booking.attendeeKey,
      contactId: booking.contactId,
      holderIds,
    });
    if (decision.verdict === "refuse") throw conflict(decision.code, REFUSALS[decision.code]);

    const isRemembered = decision.remembers === "keys" && (await remember(tx, step, keys, leadId));
    const isLinked = booking.leadId !== leadId || booking.linkedBy !== "operator";
    if (!isRemembered && !isLinked) return;

    if (isLinked) {
      await tx.appointment.update({
        where: { id: appointmentId },
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
    const chain = await linkAppointments(tx, workspaceId, [appointmentId]);
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
  });
}

type Keys = { workspaceId: string; emailKeys: string[]; contactIds: string[] };

type Booking = { workspaceId: string; attendeeKey: string | null; contactId: string | null };

async function loadKeys(tx: Tx, { workspaceId, attendeeKey, contactId }: Booking): Promise<Keys> {
  const contact =
    contactId === null
      ? null
      : await tx.rememberedContact.findUnique({
          where: { workspaceId_contactId: { workspaceId, contactId } },
          select: { emails: true },
        });
  return {
    workspaceId,
    emailKeys: [...new Set([...(attendeeKey === null ? [] : [attendeeKey]), ...(contact?.emails ?? [])])],
    contactIds: contactId === null ? [] : [contactId],
  };
}

/** Leads that have one of these addresses, as their own or as an alias, or this contact. */
async function findHolders(tx: Tx, { workspaceId, emailKeys, contactIds }: Keys): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM "Lead" WHERE "workspaceId" = ${workspaceId}::uuid AND "emailKey" = ANY(${emailKeys}::text[])
    UNION
    SELECT "leadId" FROM "LeadAlias"
    WHERE "workspaceId" = ${workspaceId}::uuid AND "emailKey" = ANY(${emailKeys}::text[])
    UNION
    SELECT "leadId" FROM "LeadContact"
    WHERE "workspaceId" = ${workspaceId}::uuid AND "contactId" = ANY(${contactIds}::text[])`;
  return rows.map(({ id }) => id);
}

/** The lead's own address is no alias of it. Answers whether anything was new. */
async function remember(
  tx: Tx,
  step: Step,
  { emailKeys, contactIds }: Keys,
  leadId: string,
): Promise<boolean> {
  const { workspaceId, now, actor } = step;
  const confirmedById = actor?.kind === "operator" ? actor.id : null;
  const aliases = await tx.$executeRaw`
    INSERT INTO "LeadAlias" ("workspaceId", "emailKey", "leadId", "confirmedById", source, "createdAt")
    SELECT ${workspaceId}::uuid, k.key, ${leadId}::uuid, ${confirmedById}, 'operator', ${now}::timestamptz
    FROM unnest(${emailKeys}::text[]) AS k(key)
    WHERE NOT EXISTS (SELECT 1 FROM "Lead" l WHERE l.id = ${leadId}::uuid AND l."emailKey" = k.key)
    ON CONFLICT DO NOTHING`;
  const contacts = await tx.$executeRaw`
    INSERT INTO "LeadContact" ("workspaceId", "contactId", "leadId")
    SELECT ${workspaceId}::uuid, k.id, ${leadId}::uuid FROM unnest(${contactIds}::text[]) AS k(id)
    ON CONFLICT DO NOTHING`;
  return aliases + contacts > 0;
}
