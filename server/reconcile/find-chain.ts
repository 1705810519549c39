import type { Tx } from "#server/db/client.ts";

type ChainRow = {
  id: string;
  providerId: string;
  rescheduledFromId: string | null;
  rescheduledToId: string | null;
  leadId: string | null;
  linkedBy: string | null;
};

/** Two bookings of which one replaced the other (R16), seen from one of them. */
export type ChainLink = { from: ChainRow; neighbour: ChainRow; neighbourIsSuccessor: boolean };

/**
 * The chain neighbours of these bookings, whichever half names the other. Keys go in as values: few bookings name
 * another one, and a join over all of them would be planned as if each did. Only Calendly has chains.
 */
export async function findChainLinks(tx: Tx, workspaceId: string, ids: string[]): Promise<ChainLink[]> {
  if (ids.length === 0) return [];
  const own = await tx.$queryRaw<ChainRow[]>`
    SELECT id, "providerId", "rescheduledFromId", "rescheduledToId", "leadId", "linkedBy" FROM "Appointment"
    WHERE "workspaceId" = ${workspaceId}::uuid AND id = ANY(${ids}::uuid[]) AND provider = 'calendly'`;
  if (own.length === 0) return [];
  const ownIds = own.map((a) => a.providerId);
  const named = own.flatMap((a) => [a.rescheduledFromId, a.rescheduledToId]).filter((id) => id !== null);
  const found = await tx.$queryRaw<ChainRow[]>`
    SELECT id, "providerId", "rescheduledFromId", "rescheduledToId", "leadId", "linkedBy" FROM "Appointment"
    WHERE "workspaceId" = ${workspaceId}::uuid AND provider = 'calendly' AND "providerId" = ANY(${named}::text[])
    UNION
    SELECT id, "providerId", "rescheduledFromId", "rescheduledToId", "leadId", "linkedBy" FROM "Appointment"
    WHERE "workspaceId" = ${workspaceId}::uuid AND provider = 'calendly' AND "rescheduledFromId" = ANY(${ownIds}::text[])
    UNION
    SELECT id, "providerId", "rescheduledFromId", "rescheduledToId", "leadId", "linkedBy" FROM "Appointment"
    WHERE "workspaceId" = ${workspaceId}::uuid AND provider = 'calendly' AND "rescheduledToId" = ANY(${ownIds}::text[])`;
  return joinHalves(own, found);
}

function joinHalves(own: ChainRow[], found: ChainRow[]): ChainLink[] {
  const byId = Map.groupBy(own, (a) => a.providerId);
  const byPredecessor = Map.groupBy(own, (a) => a.rescheduledFromId);
  const bySuccessor = Map.groupBy(own, (a) => a.rescheduledToId);
  return found.flatMap((neighbour) => {
    const { providerId, rescheduledFromId, rescheduledToId } = neighbour;
    const before = [...(bySuccessor.get(providerId) ?? []), ...listOf(byId, rescheduledFromId)];
    const after = [...(byPredecessor.get(providerId) ?? []), ...listOf(byId, rescheduledToId)];
    return [
      ...before.map((from) => ({ from, neighbour, neighbourIsSuccessor: true })),
      ...after.map((from) => ({ from, neighbour, neighbourIsSuccessor: false })),
    ];
  });
}

function listOf(rows: Map<string, ChainRow[]>, key: string | null): ChainRow[] {
  return key === null ? [] : (rows.get(key) ?? []);
}
