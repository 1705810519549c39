import type { Db } from "#server/db/client.ts";
import type { ObservedRow } from "./oracle.ts";

/** What a workspace's tables hold at one moment. */
export type Observed = Awaited<ReturnType<typeof observe>>;

export async function observe(db: Db, workspaceId: string) {
  const where = { workspaceId };
  const rows = await db.appointment.findMany({ where });
  const leads = await db.lead.findMany({
    where,
    include: {
      tasks: { include: { meetings: true }, orderBy: { createdAt: "asc" } },
      instances: { orderBy: { startedAt: "asc" } },
      aliases: { select: { emailKey: true } },
      contacts: { select: { contactId: true } },
    },
  });
  const changes = await db.appointmentChange.findMany({
    where,
    orderBy: { id: "asc" },
    include: { appointment: { select: { provider: true, providerId: true, status: true } } },
  });
  const audit = await db.auditEntry.findMany({ where, orderBy: { id: "asc" } });
  const marks = new Map(
    audit.flatMap(({ verb, subjectId, after, at }) =>
      verb === "attendance_marked"
        ? [[subjectId, { word: readText(after, "mark"), atMs: at.getTime() }]]
        : [],
    ),
  );
  const links = new Map(
    audit.flatMap(({ verb, subjectId, after }) =>
      verb === "booking_linked" ? [[subjectId, readText(after, "leadId")]] : [],
    ),
  );
  return {
    rows: rows.map((row): ObservedRow & typeof row => {
      const mark = marks.get(row.id);
      return {
        ...row,
        startMs: row.startAt.getTime(),
        canceledMs: row.canceledAt?.getTime() ?? null,
        lossSeenMs: row.lossSeenAt?.getTime() ?? null,
        // What people said is read from the audit, which nobody can rewrite here.
        mark:
          mark?.word === "showed" || mark?.word === "no_show" ? { word: mark.word, atMs: mark.atMs } : null,
        linkedTo: links.get(row.id) ?? null,
      };
    }),
    leads: leads.map((lead) => ({
      ...lead,
      emails: [lead.email.toLowerCase(), ...lead.aliases.map((alias) => alias.emailKey)],
      contactIds: lead.contacts.map(({ contactId }) => contactId),
    })),
    changes,
    audit,
  };
}

/** A text in what an audit entry tells. */
export function readText(json: unknown, key: string): string | null {
  const value = typeof json === "object" && json !== null ? Reflect.get(json, key) : null;
  return typeof value === "string" ? value : null;
}
