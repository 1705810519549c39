import type { Deps } from "#server/deps.ts";

export type SignedConnection = { id: string; workspaceId: string; organizationId: string | null };

export type SigningKeys = {
  connection: SignedConnection | null;
  /** The current key first, then the one it replaced while that is still accepted. */
  keys: string[];
};

/** The keys that a workspace's Calendly deliveries may be signed with; null where there is nobody to deliver to. */
export async function loadSigningKeys(
  { db, secrets }: Pick<Deps, "db" | "secrets">,
  workspaceId: string,
  now: Date,
): Promise<SigningKeys | null> {
  const row = await db.connection.findFirst({
    where: { workspaceId, provider: "calendly", state: { not: "off" } },
    select: {
      id: true,
      workspaceId: true,
      organizationId: true,
      signingKeySealed: true,
      previousSigningKeySealed: true,
      previousKeyUntil: true,
    },
  });
  if (!row?.signingKeySealed) return null;
  const { signingKeySealed, previousSigningKeySealed, previousKeyUntil, ...connection } = row;
  // Without an end the change of keys has not been completed: until then the old one is what Calendly signs with.
  const isPreviousGood = previousSigningKeySealed && (!previousKeyUntil || previousKeyUntil > now);
  const sealed = isPreviousGood ? [signingKeySealed, previousSigningKeySealed] : [signingKeySealed];
  return { connection, keys: sealed.map((each) => secrets.open(each)) };
}
