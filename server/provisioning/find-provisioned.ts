import type { Db } from "#server/db/client.ts";
import type { Connection, Workspace } from "#server/db/generated/client.ts";
import { conflict } from "#server/lib/errors.ts";
import type { ProvisioningInput } from "./provisioning-input.ts";

export type Provisioned = Workspace & { connections: Connection[] };

/**
 * The workspace that this input means: by `externalId`, else by the HighLevel location (R41). A location that belongs
 * to another customer is refused. Where owners have connected one location to several workspaces, it names none.
 */
export async function findProvisioned(
  db: Db,
  { externalId, ghlLocationId }: Pick<ProvisioningInput, "externalId" | "ghlLocationId">,
): Promise<Provisioned | null> {
  const include = { connections: { orderBy: { createdAt: "desc" as const } } };
  const named = externalId ? await db.workspace.findUnique({ where: { externalId }, include }) : null;
  const located = ghlLocationId
    ? await db.workspace.findMany({
        where: {
          connections: { some: { provider: "highlevel", locationId: ghlLocationId, state: { not: "off" } } },
        },
        include,
      })
    : [];
  if (named) {
    const isElsewhere = located.length > 0 && !located.some(({ id }) => id === named.id);
    if (isElsewhere) throw locationTaken();
    return named;
  }
  const [only = null, ...others] = located;
  if (others.length > 0) {
    throw conflict(
      "ambiguous_location",
      "Several workspaces use this HighLevel location. Name the one that is meant by its externalId.",
    );
  }
  // The location's workspace has another name with the customer: it is another customer's.
  if (only && externalId && only.externalId !== null) throw locationTaken();
  return only;
}

function locationTaken() {
  return conflict("location_taken", "This HighLevel location belongs to another workspace.");
}
