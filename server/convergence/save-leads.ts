import type { Db } from "#server/db/client.ts";
import type { LeadStatus } from "#server/db/generated/enums.ts";
import { addMs, DAY_MS } from "#server/lib/duration.ts";
import { TEST_NOW } from "#server/testing/factories.ts";
import type { WorldPlan } from "./plan.ts";

/** R28: nobody else is in a sequence to begin with. */
const COURTED: LeadStatus[] = ["qualified", "meeting_booked"];

type SavedLead = { id: string; emails: string[] };

/** The leads that a world begins with, and sequences for every trigger that evidence pulls. */
export async function saveLeads(
  db: Db,
  workspaceId: string,
  plan: WorldPlan,
  names: { owners: string[]; aliases: string[]; contactIds: string[] },
): Promise<SavedLead[]> {
  const createdAt = addMs(TEST_NOW, -20 * DAY_MS);
  const { owners, aliases, contactIds } = names;
  const leads = plan.leads.map(
    (lead, at): SavedLead & { email: string; contactIds: string[]; plan: WorldPlan["leads"][number] } => {
      const email = owners[lead.shares === null ? at : lead.shares % owners.length] ?? "";
      const alias = {
        none: [],
        own: [aliases[at] ?? ""],
        of_next: [aliases[(at + 1) % aliases.length] ?? ""],
      }[lead.alias];
      return {
        id: crypto.randomUUID(),
        email,
        emails: [email, ...alias],
        contactIds: lead.hasContact ? [contactIds[at] ?? ""] : [],
        plan: lead,
      };
    },
  );
  await db.lead.createMany({
    data: leads.map((lead, at) => ({
      id: lead.id,
      workspaceId,
      externalId: externalIdOf(at),
      email: lead.email,
      status: lead.plan.status,
      statusAt: createdAt,
      sentimentAt: createdAt,
      responseMode: lead.plan.isAutomated ? ("automated" as const) : ("person" as const),
      createdAt,
      updatedAt: createdAt,
    })),
  });
  await db.leadAlias.createMany({
    data: leads.flatMap(({ id, emails }) =>
      emails.slice(1).map((emailKey) => ({
        workspaceId,
        leadId: id,
        emailKey,
        source: "import" as const,
        createdAt,
      })),
    ),
  });
  await db.leadContact.createMany({
    data: leads.flatMap((lead) =>
      lead.contactIds.map((contactId) => ({ workspaceId, leadId: lead.id, contactId })),
    ),
  });
  await saveSequences(
    db,
    workspaceId,
    leads
      .filter(({ plan: { isEnrolled, status } }) => isEnrolled && COURTED.includes(status))
      .map(({ id }) => id),
  );
  return leads.map(({ id, emails }) => ({ id, emails }));
}

/** The customer's own name for a lead. */
export function externalIdOf(at: number): string {
  return `lead-${at}`;
}

const TRIGGERS = ["no_response", "meeting_booked", "meeting_canceled", "meeting_no_show"] as const;

async function saveSequences(db: Db, workspaceId: string, enrolledIds: string[]): Promise<void> {
  const createdAt = addMs(TEST_NOW, -60 * DAY_MS);
  const sequences = TRIGGERS.map((trigger) => ({ id: crypto.randomUUID(), trigger }));
  await db.followUpSequence.createMany({
    data: sequences.map((s) => ({ ...s, workspaceId, name: s.trigger, createdAt })),
  });
  const courting = sequences[0];
  await db.followUpInstance.createMany({
    data: enrolledIds.map((leadId) => ({
      workspaceId,
      leadId,
      sequenceId: courting?.id ?? "",
      trigger: "no_response" as const,
      startedAt: createdAt,
    })),
  });
}
