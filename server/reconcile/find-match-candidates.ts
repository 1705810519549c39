import type { Tx } from "#server/db/client.ts";
import type { MatchCandidates } from "./decide-match.ts";

/** The keys of one booking by which a lead can be found. */
export type MatchKeys = {
  ref: string;
  providerId: string;
  rescheduledFromId: string | null;
  rescheduledToId: string | null;
  email: string | null;
  contactId: string | null;
};

/** Who each booking could belong to: one statement for many, exact keys only (R8, R11, R16). */
export async function findMatchCandidates(
  tx: Tx,
  workspaceId: string,
  keys: MatchKeys[],
): Promise<Map<string, MatchCandidates>> {
  const found = new Map(keys.map((k) => [k.ref, emptyCandidates()]));
  if (keys.length === 0) return found;
  const rows = await tx.$queryRaw<{ ref: string; via: keyof MatchCandidates; leadId: string }[]>`
    WITH k AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(keys)}::jsonb)
        AS r(ref text, "providerId" text, "rescheduledFromId" text, "rescheduledToId" text, email text, "contactId" text)
    ), addresses AS (
      -- A contact goes by its present addresses: what its booking was read with may be a former one (R8).
      SELECT k.ref, e.key FROM k
      LEFT JOIN "RememberedContact" c ON c."workspaceId" = ${workspaceId}::uuid AND c."contactId" = k."contactId"
      CROSS JOIN unnest(CASE WHEN cardinality(c.emails) > 0 THEN c.emails ELSE ARRAY[lower(k.email)] END) AS e(key)
      WHERE e.key IS NOT NULL
    )
    SELECT k.ref, 'byChain' AS via, a."leadId" FROM k
    JOIN "Appointment" a ON a."workspaceId" = ${workspaceId}::uuid AND a.provider = 'calendly'
      AND a."providerId" = k."rescheduledFromId"
    -- What a booking has from its successor it cannot give back to it.
    WHERE a."leadId" IS NOT NULL AND a."linkedBy" <> 'successor'
    UNION
    SELECT k.ref, 'byChain', a."leadId" FROM k
    JOIN "Appointment" a ON a."workspaceId" = ${workspaceId}::uuid AND a.provider = 'calendly'
      AND a."rescheduledToId" = k."providerId"
    WHERE a."leadId" IS NOT NULL AND a."linkedBy" <> 'successor'
    UNION
    SELECT k.ref, 'bySuccessor', a."leadId" FROM k
    JOIN "Appointment" a ON a."workspaceId" = ${workspaceId}::uuid AND a.provider = 'calendly'
      AND a."providerId" = k."rescheduledToId"
    WHERE a."leadId" IS NOT NULL AND a."linkedBy" <> 'chain'
    UNION
    SELECT k.ref, 'bySuccessor', a."leadId" FROM k
    JOIN "Appointment" a ON a."workspaceId" = ${workspaceId}::uuid AND a.provider = 'calendly'
      AND a."rescheduledFromId" = k."providerId"
    WHERE a."leadId" IS NOT NULL AND a."linkedBy" <> 'chain'
    UNION
    SELECT k.ref, 'byContact', c."leadId" FROM k
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
