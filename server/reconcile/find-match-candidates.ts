import type { Tx } from "#server/db/client.ts";
import type { MatchCandidates } from "./decide-match.ts";
import { type ChainKeys, type ChainRow, joinHalves } from "./find-chain.ts";

/** The keys of one booking by which a lead can be found. */
export type MatchKeys = ChainKeys & { ref: string; email: string | null; contactId: string | null };

/**
 * Who each booking could belong to, by its own keys and by its chain neighbours: one statement for many, exact keys
 * only (R8, R11, R16).
 */
export async function findMatchCandidates(
  tx: Tx,
  workspaceId: string,
  keys: MatchKeys[],
  neighbours: ChainRow[],
): Promise<Map<string, MatchCandidates>> {
  const found = new Map(keys.map((k) => [k.ref, emptyCandidates()]));
  if (keys.length === 0) return found;
  for (const { from, neighbour, neighbourIsSuccessor } of joinHalves(keys, neighbours)) {
    const { leadId, linkedBy } = neighbour;
    // What a booking has from its successor it cannot give back to it, nor the other way round.
    if (leadId === null || linkedBy === (neighbourIsSuccessor ? "chain" : "successor")) continue;
    found.get(from.ref)?.[neighbourIsSuccessor ? "bySuccessor" : "byChain"].push(leadId);
  }
  const ids = JSON.stringify(keys.map(({ ref, email, contactId }) => ({ ref, email, contactId })));
  const rows = await tx.$queryRaw<{ ref: string; via: keyof MatchCandidates; leadId: string }[]>`
    WITH k AS (
      SELECT * FROM jsonb_to_recordset(${ids}::jsonb) AS r(ref text, email text, "contactId" text)
    ), addresses AS (
      -- A contact goes by its present addresses: what its booking was read with may be a former one (R8).
      SELECT k.ref, e.key FROM k
      LEFT JOIN "RememberedContact" c ON c."workspaceId" = ${workspaceId}::uuid AND c."contactId" = k."contactId"
      CROSS JOIN unnest(CASE WHEN cardinality(c.emails) > 0 THEN c.emails ELSE ARRAY[lower(k.email)] END) AS e(key)
      WHERE e.key IS NOT NULL
    )
    SELECT k.ref, 'byContact' AS via, c."leadId" FROM k
    JOIN "LeadContact" c ON c."workspaceId" = ${workspaceId}::uuid AND c."contactId" = k."contactId"
    UNION
    SELECT x.ref, 'byEmail', l.id FROM addresses x
    JOIN "Lead" l ON l."workspaceId" = ${workspaceId}::uuid AND l."emailKey" = x.key
    UNION
    SELECT x.ref, 'byAlias', l."leadId" FROM addresses x
    JOIN "LeadAlias" l ON l."workspaceId" = ${workspaceId}::uuid AND l."emailKey" = x.key`;
  for (const { ref, via, leadId } of rows) found.get(ref)?.[via].push(leadId);
  return found;
}

export function emptyCandidates(): MatchCandidates {
  return { byChain: [], byContact: [], byEmail: [], byAlias: [], bySuccessor: [] };
}
