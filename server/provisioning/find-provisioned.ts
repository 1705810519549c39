import type { Db } from "#server/db/client.ts";
import type { Connection, Workspace } from "#server/db/generated/client.ts";
import { conflict } from "#server/lib/errors.ts";
import type { ProvisioningInput } from "./provisioning-input.ts";

export type Provisioned = Workspace & { connections: Connection[] };

/**
 * The workspace that this input means: by `externalId`, else by the HighLevel location (R41). A location that belongs
 * to another workspace is refused, since its webhooks could not tell the two apart.
 */
export async function findProvisioned(
  db: Db,
  { externalId, ghlLocationId }: Pick<ProvisioningInput, "externalId" | "ghlLocationId">,
): Promise<Provisioned | null> {
  const include = { connections: { orderBy: { createdAt: "desc" as const } } };
  const named = externalId ? await db.workspace.findUnique({ where: { externalId }, include }) : null;
  const located = ghlLocationId
    ? await db.workspace.findFirst({
        where: {
          connections: { some: { provider: "highlevel", locationId: ghlLocationId, state: { not: "off" } } },
        },
        include,
      })
    : null;
  if (located && named && located.id !== named.id) throw locationTaken();
  // The location's workspace has another name with the customer: it is another customer's.
  if (located && externalId && !named && located.externalId !== null) throw locationTaken();
  return named ?? located;
}

function locationTaken() {
  return conflict("location_taken", "This HighLevel location belongs to another workspace.");
}
