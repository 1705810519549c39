import type { Provider } from "#server/db/generated/enums.ts";
import type { Deps } from "#server/deps.ts";

export type SignedConnection = {
  id: string;
  workspaceId: string;
  provider: Provider;
  organizationId: string | null;
  locationId: string | null;
};

export type SigningKeys = {
  connection: SignedConnection | null;
  /** The current key first, then the one it replaced while that is still accepted. */
  keys: string[];
};

/**
 * What a workspace's deliveries prove themselves with: Calendly's signing keys, or the secrets of HighLevel workflows.
 * Null where there is nobody to deliver to.
 */
export async function loadSigningKeys(
  { db, secrets }: Pick<Deps, "db" | "secrets">,
  provider: Provider,
  workspaceId: string,
  now: Date,
): Promise<SigningKeys | null> {
  const row = await db.connection.findFirst({
    where: { workspaceId, provider, state: { not: "off" } },
    select: {
      id: true,
      workspaceId: true,
      provider: true,
      organizationId: true,
      locationId: true,
      signingKeySealed: true,
      previousSigningKeySealed: true,
      previousKeyUntil: true,
    },
  });
  if (!row?.signingKeySealed) return null;
  const { signingKeySealed, previousSigningKeySealed, previousKeyUntil, ...connection } = row;
  // Without an end the change of keys has not been completed: until then the old one is what is sent.
  const isPreviousGood = previousSigningKeySealed && (!previousKeyUntil || previousKeyUntil > now);
  const sealed = isPreviousGood ? [signingKeySealed, previousSigningKeySealed] : [signingKeySealed];
  return { connection, keys: sealed.map((each) => secrets.open(each)) };
}
