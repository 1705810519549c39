import type { Db } from "#server/db/client.ts";

/** Pages up to which PostgreSQL may find it cheaper to read a whole table than to look something up in it, and more. */
const SMALL = 100;
/** From here on it is not small, however it is looked at. */
const GROWN = 20;

/**
 * Has PostgreSQL look again at the table of leads where it knows it as tiny and an import has made it large. Until it does
 * by itself, up to a minute later, whoever adds a row that points at a lead reads all leads to check it: sessions keep the
 * plan for that check. What another process looks at already is left to it.
 */
export async function analyzeGrownLeads(db: Db): Promise<void> {
  const [lead] = await db.$queryRaw<{ known: number; pages: number }[]>`
    SELECT relpages AS known, (pg_relation_size(oid) / current_setting('block_size')::int)::int AS pages
    FROM pg_class WHERE oid = '"Lead"'::regclass`;
  // Zero: nobody has looked yet, and PostgreSQL expects more than there is.
  if (!lead || lead.known === 0 || lead.known >= SMALL) return;
  if (lead.pages < Math.max(GROWN, 4 * lead.known)) return;
  await db.$executeRaw`ANALYZE (SKIP_LOCKED) "Lead"`;
}
