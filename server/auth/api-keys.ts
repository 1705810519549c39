import type { Actor } from "#server/audit/actor.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import type { Db } from "#server/db/client.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { addMs, MINUTE_MS } from "#server/lib/duration.ts";
import { notFound } from "#server/lib/errors.ts";
import { createToken, hashToken } from "#server/lib/secrets.ts";

const KEY_BEGINNING = "bp_";
/** Enough to tell keys apart, too little to use one. */
const PREFIX_LENGTH = 9;

export type ApiKeyOwner = { id: string; workspaceId: string };

/** A new key of a workspace. Its text is in this answer and nowhere else: only a hash is kept. */
export async function createApiKey(
  { db, clock }: Pick<Deps, "db" | "clock">,
  actor: Actor,
  { workspaceId, name }: { workspaceId: string; name: string },
): Promise<{ id: string; key: string; prefix: string }> {
  const key = KEY_BEGINNING + createToken(32);
  const prefix = key.slice(0, PREFIX_LENGTH);
  const now = clock.now();
  const id = await runTransaction(db, "create API key", async (tx) => {
    const row = await tx.apiKey.create({
      data: {
        workspaceId,
        name,
        prefix,
        hash: hashToken(key),
        createdById: actor.kind === "operator" ? actor.id : null,
        createdAt: now,
      },
      select: { id: true },
    });
    await writeAudit(tx, actor, now, [auditOf("api_key_created", workspaceId, row.id)]);
    return row.id;
  });
  return { id, key, prefix };
}

/** Whose key this is; null for one that never was, or was revoked. Remembers its use, by the minute. */
export async function findApiKey(
  { db, clock }: { db: Db; clock: Deps["clock"] },
  key: string,
): Promise<ApiKeyOwner | null> {
  if (!key.startsWith(KEY_BEGINNING)) return null;
  // By hash: nothing of the key itself is compared, so the time it takes tells nothing about it.
  const row = await db.apiKey.findUnique({ where: { hash: hashToken(key) } });
  if (!row || row.revokedAt !== null) return null;
  const now = clock.now();
  if (row.lastUsedAt === null || row.lastUsedAt < addMs(now, -MINUTE_MS)) {
    await db.apiKey.update({ where: { id: row.id }, data: { lastUsedAt: now } });
  }
  return { id: row.id, workspaceId: row.workspaceId };
}

/** From now on the key opens nothing. Revoking it twice is not an error. */
export async function revokeApiKey(
  { db, clock }: Pick<Deps, "db" | "clock">,
  actor: Actor,
  { workspaceId, apiKeyId }: { workspaceId: string; apiKeyId: string },
): Promise<void> {
  const now = clock.now();
  await runTransaction(db, "revoke API key", async (tx) => {
    const known = await tx.apiKey.count({ where: { id: apiKeyId, workspaceId } });
    if (known === 0) throw notFound("API key");
    const { count } = await tx.apiKey.updateMany({
      where: { id: apiKeyId, workspaceId, revokedAt: null },
      data: { revokedAt: now },
    });
    if (count > 0) await writeAudit(tx, actor, now, [auditOf("api_key_revoked", workspaceId, apiKeyId)]);
  });
}

function auditOf(verb: string, workspaceId: string, subjectId: string) {
  return { workspaceId, verb, subjectType: "api_key", subjectId, source: "operator" as const };
}
