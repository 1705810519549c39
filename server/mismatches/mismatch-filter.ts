import { z } from "zod";
import { Prisma } from "#server/db/generated/client.ts";
import { MismatchCause, Provider } from "#server/db/generated/enums.ts";

/** The tabs of the screen: a kind (R21), or a place where rows wait. */
export const mismatchTab = z.enum(["1", "2", "3", "4", "5", "unknown", "needs_info"]);
export type MismatchTab = z.infer<typeof mismatchTab>;

export const mismatchFilter = z.object({
  tab: mismatchTab,
  cause: z.array(z.enum(MismatchCause)).max(20).optional(),
  age: z.object({ op: z.enum(["<", ">"]), days: z.number().min(0).max(10_000) }).optional(),
  provider: z.enum(Provider).optional(),
  isProtected: z.boolean().optional(),
  /** `me`, `none`, or the beginning of a name or e-mail address. */
  owner: z.string().trim().min(1).max(100).optional(),
  q: z.string().trim().min(1).max(200).optional(),
});
export type MismatchFilter = z.infer<typeof mismatchFilter>;

export type FilterContext = { workspaceId: string; userId: string; now: Date };

/**
 * What takes a mismatch off its tab (R23): a kept one until new evidence, one that needs info until its date. An
 * acceptance hides nothing: it leaves no mismatch, and one that comes back is a new one.
 */
export function isSetAside(now: Date): Prisma.Sql {
  return Prisma.sql`(l.decision IS NOT NULL AND (l.decision IN ('keep', 'link') OR ${isWaiting(now)}))`;
}

function isWaiting(now: Date): Prisma.Sql {
  return Prisma.sql`(l.decision = 'needs_info' AND (l."decisionUntil" IS NULL OR l."decisionUntil" > ${now}::timestamptz))`;
}

/** Rows of one tab, over `"Lead" l`. Each begins with what its partial index covers. */
export function tabCondition(tab: MismatchTab, { workspaceId, now }: FilterContext): Prisma.Sql {
  const workspace = Prisma.sql`l."workspaceId" = ${workspaceId}::uuid`;
  switch (tab) {
    case "unknown":
      return Prisma.sql`${workspace} AND l."claimUnverified" AND NOT ${isSetAside(now)}`;
    case "5":
      return Prisma.sql`${workspace} AND l."attendanceUnrecorded" AND l."mismatchKind" IS NULL
        AND NOT ${isSetAside(now)}`;
    case "needs_info":
      return Prisma.sql`${workspace} AND l.decision IS NOT NULL AND ${isWaiting(now)}
        AND (l."mismatchKind" IS NOT NULL OR l."claimUnverified")`;
    default:
      return Prisma.sql`${workspace} AND l."mismatchKind" = ${Number(tab)} AND NOT ${isSetAside(now)}`;
  }
}

/** Tab and filter together. `except` leaves one facet out, so that its other values can be counted. */
export function filterCondition(
  filter: MismatchFilter,
  context: FilterContext,
  except?: "cause",
): Prisma.Sql {
  const parts = [tabCondition(filter.tab, context)];
  if (filter.cause?.length && except !== "cause") {
    parts.push(Prisma.sql`l."mismatchCause" = ANY(${filter.cause}::"MismatchCause"[])`);
  }
  if (filter.age) {
    const since = new Date(context.now.getTime() - filter.age.days * 86_400_000);
    parts.push(
      filter.age.op === "<"
        ? Prisma.sql`${ageColumn(filter.tab)} > ${since}::timestamptz`
        : Prisma.sql`${ageColumn(filter.tab)} <= ${since}::timestamptz`,
    );
  }
  if (filter.provider) {
    parts.push(Prisma.sql`EXISTS (SELECT 1 FROM "Appointment" fa
      WHERE fa."leadId" = l.id AND fa.provider = ${filter.provider}::"Provider")`);
  }
  if (filter.isProtected !== undefined) {
    const isProtected = Prisma.sql`l.status IN ('not_interested', 'blacklisted', 'unqualified')`;
    parts.push(filter.isProtected ? isProtected : Prisma.sql`NOT ${isProtected}`);
  }
  if (filter.owner) parts.push(ownerCondition(filter.owner, context));
  if (filter.q) parts.push(textCondition(filter.q));
  return Prisma.join(parts, " AND ");
}

/** When a row of this tab began: the mismatch, or the claim that nobody has checked. */
export function ageColumn(tab: MismatchTab): Prisma.Sql {
  switch (tab) {
    case "unknown":
      return Prisma.sql`l."claimAt"`;
    case "5":
      return Prisma.sql`l."meetingEndAt"`;
    case "needs_info":
      return Prisma.sql`l."decisionAt"`;
    default:
      return Prisma.sql`l."mismatchSince"`;
  }
}

function ownerCondition(owner: string, { userId }: FilterContext): Prisma.Sql {
  if (owner === "me") return Prisma.sql`l."assignedToId" = ${userId}`;
  if (owner === "none") return Prisma.sql`l."assignedToId" IS NULL`;
  const prefix = `${escapeLike(owner.toLowerCase())}%`;
  return Prisma.sql`l."assignedToId" IN (
    SELECT u.id FROM "User" u WHERE lower(u.name) LIKE ${prefix} OR lower(u.email) LIKE ${prefix})`;
}

/**
 * Anywhere in name, e-mail or company. The address comes first: it is stored in small letters, while the others cost a
 * call for each row, and one call for both.
 */
function textCondition(q: string): Prisma.Sql {
  const pattern = `%${escapeLike(q.toLowerCase())}%`;
  return Prisma.sql`(l."emailKey" LIKE ${pattern}
    OR lower(coalesce(l."firstName", '') || ' ' || coalesce(l."lastName", '') || ' ' || coalesce(l.company, ''))
      LIKE ${pattern})`;
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}
