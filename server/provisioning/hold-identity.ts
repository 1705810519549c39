import { randomUUID } from "node:crypto";
import type { Deps } from "#server/deps.ts";
import { addMs, MINUTE_MS, SECOND_MS } from "#server/lib/duration.ts";
import { conflict } from "#server/lib/errors.ts";
import { systemSleep } from "#server/providers/sleep.ts";
import type { ProvisioningInput } from "./provisioning-input.ts";

const SCOPE = "provisioning";
/** A request that has not ended by then died with its process. */
const ABANDONED_MS = 2 * MINUTE_MS;
/** How long a request waits for one about the same workspace; after that its caller is asked to send it again. */
const PATIENCE_MS = 15 * SECOND_MS;
const PAUSE_MS = 100;

/**
 * Lets one request at a time speak of one customer or HighLevel location (R41), whichever process it reaches: a
 * unique key settles who is first, and the others find what that one has made. It is no lock of a transaction, since
 * providers are asked in between.
 */
export async function holdIdentity<T>(
  { db, clock }: Pick<Deps, "db" | "clock">,
  { externalId, ghlLocationId }: Pick<ProvisioningInput, "externalId" | "ghlLocationId">,
  run: () => Promise<T>,
): Promise<T> {
  const keys = [externalId && `customer ${externalId}`, ghlLocationId && `location ${ghlLocationId}`];
  const wanted = keys.filter((key) => typeof key === "string" && key !== "").sort() as string[]; // as filtered
  const holder = randomUUID();
  const giveBack = () => db.idempotencyKey.deleteMany({ where: { scope: SCOPE, requestHash: holder } });

  for (let waitedMs = 0; ; waitedMs += PAUSE_MS) {
    const now = clock.now();
    const taken = await db.$executeRaw`
      INSERT INTO "IdempotencyKey" AS k (scope, key, "requestHash", "createdAt")
      SELECT ${SCOPE}, key, ${holder}, ${now}::timestamptz FROM unnest(${wanted}::text[]) AS key
      ON CONFLICT (scope, key) DO UPDATE SET "requestHash" = excluded."requestHash", "createdAt" = excluded."createdAt"
      WHERE k."createdAt" < ${addMs(now, -ABANDONED_MS)}::timestamptz`;
    if (taken === wanted.length) break;
    // Half of a pair would keep others waiting for nothing.
    await giveBack();
    if (waitedMs >= PATIENCE_MS) {
      throw conflict("workspace_changed", "Somebody else is changing this workspace. Send it again.");
    }
    await systemSleep(PAUSE_MS + Math.random() * PAUSE_MS);
  }
  try {
    return await run();
  } finally {
    await giveBack();
  }
}
