import type { Connection } from "#server/db/generated/client.ts";
import { type BucketKey, calendlyBucket, highlevelBucket } from "#server/providers/rate-bucket.ts";

/** Whose budget the calls of a connection are taken from; null while its owner is not known. */
export function bucketOf(
  connection: Pick<Connection, "provider" | "ownerId" | "locationId">,
): BucketKey | null {
  if (connection.provider === "calendly")
    return connection.ownerId ? calendlyBucket(connection.ownerId) : null;
  return connection.locationId ? highlevelBucket(connection.locationId) : null;
}
