import { z } from "zod";
import { Prisma } from "#server/db/generated/client.ts";
import { LeadStatus, MeetingState } from "#server/db/generated/enums.ts";
import type { Deps } from "#server/deps.ts";
import { cursorTime, pageQuery, queryTime, readCursor, toPage } from "../page.ts";
import { loadCoverage, selectLeads, toLeadRow } from "./lead-rows.ts";

export const leadQuery = z.object({
  ...pageQuery,
  email: z.string().trim().min(1).max(320).optional(),
  externalId: z.string().trim().min(1).max(200).optional(),
  status: z.enum(LeadStatus).optional(),
  meetingState: z.enum(MeetingState).optional(),
  updatedSince: queryTime.optional(),
});

type LeadQuery = z.output<typeof leadQuery>;

export async function listLeads(
  { db, clock }: Pick<Deps, "db" | "clock">,
  workspaceId: string,
  query: LeadQuery,
) {
  const asOf = clock.now();
  const coverage = await loadCoverage(db, workspaceId, asOf);
  const found = await selectLeads(db, conditionsOf(workspaceId, query), query.limit + 1);
  return toPage(
    "leads",
    found,
    { limit: query.limit, asOf },
    {
      place: (lead) => [lead.updatedAt.toISOString(), lead.id],
      map: (lead) => toLeadRow(lead, coverage),
    },
  );
}

function conditionsOf(workspaceId: string, query: LeadQuery): Prisma.Sql[] {
  const conditions = [Prisma.sql`l."workspaceId" = ${workspaceId}::uuid`];
  if (query.email) {
    const key = query.email.toLowerCase();
    conditions.push(Prisma.sql`l.id IN (
      SELECT id FROM "Lead" WHERE "workspaceId" = ${workspaceId}::uuid AND "emailKey" = ${key}
      UNION
      SELECT "leadId" FROM "LeadAlias" WHERE "workspaceId" = ${workspaceId}::uuid AND "emailKey" = ${key})`);
  }
  if (query.externalId) conditions.push(Prisma.sql`l."externalId" = ${query.externalId}`);
  if (query.status) conditions.push(Prisma.sql`l.status = ${query.status}::"LeadStatus"`);
  if (query.meetingState) {
    conditions.push(Prisma.sql`l."meetingState" = ${query.meetingState}::"MeetingState"`);
  }
  if (query.updatedSince) conditions.push(Prisma.sql`l."updatedAt" >= ${query.updatedSince}::timestamptz`);
  const after = readCursor("leads", query.cursor, cursorTime);
  if (after) {
    conditions.push(
      Prisma.sql`(l."updatedAt", l.id) > (${new Date(after[0])}::timestamptz, ${after[1]}::uuid)`,
    );
  }
  return conditions;
}
