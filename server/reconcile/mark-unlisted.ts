import type { Tx } from "#server/db/client.ts";
import type { Window } from "./window.ts";

/**
 * Remembers what a complete listing leaves out although it answers by its id (a calendar that the provider's list
 * does not name), and forgets it where the listing names it again. Lookups watch over these instead (R30). The provider was
 * asked about each of them before.
 */
export async function markUnlisted(
  tx: Tx,
  connectionId: string,
  { from, to }: Window,
  { unlistedIds, relistedIds }: { unlistedIds: string[]; relistedIds: string[] },
): Promise<void> {
  if (relistedIds.length > 0) {
    await tx.$executeRaw`
      UPDATE "Appointment" SET unlisted = false
      WHERE "connectionId" = ${connectionId}::uuid AND unlisted AND "eventId" = ANY(${relistedIds}::text[])`;
  }
  if (unlistedIds.length === 0) return;
  // What has left the window by moving was missing for that reason.
  await tx.$executeRaw`
    UPDATE "Appointment" SET unlisted = true
    WHERE "connectionId" = ${connectionId}::uuid AND NOT unlisted AND "eventId" = ANY(${unlistedIds}::text[])
      AND status IN ('confirmed', 'showed', 'no_show')
      AND "startAt" >= ${from}::timestamptz AND "startAt" < ${to}::timestamptz`;
}
