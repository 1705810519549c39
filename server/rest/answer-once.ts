import { createHash } from "node:crypto";
import { Prisma } from "#server/db/generated/client.ts";
import type { Deps } from "#server/deps.ts";
import { addMs, DAY_MS, MINUTE_MS } from "#server/lib/duration.ts";
import { AppError, conflict } from "#server/lib/errors.ts";

export type Answer = { status: number; body: unknown };

export type OnceRequest = {
  /** Whose keys these are: a workspace's, or the instance's. */
  scope: string;
  key: string;
  /** Method and path. */
  target: string;
  body: unknown;
};

/** A call that has not answered by then died with its process; it may be made again. */
const ABANDONED_MS = 10 * MINUTE_MS;
/** How long an answer is given again. */
const KEPT_MS = DAY_MS;

/**
 * Does the work of a POST once per `Idempotency-Key`: the same key with the same body gets the first answer again,
 * with another body 409. Work that fails leaves no trace of the key, so that it can be tried again.
 */
export async function answerOnce(
  { db, clock }: Pick<Deps, "db" | "clock">,
  request: OnceRequest,
  run: () => Promise<Answer>,
): Promise<Answer & { isReplayed: boolean }> {
  const { scope, key } = request;
  if (key.length > 200) throw new AppError("bad_request", "Idempotency-Key has at most 200 characters.");
  const requestHash = hashRequest(request);
  const now = clock.now();
  const isOurs = await reserve(db, { scope, key, requestHash, now });
  if (!isOurs) return replay(db, { scope, key, requestHash });
  let answer: Answer;
  try {
    answer = await run();
  } catch (error) {
    // Where the database is away the key stays until it counts as abandoned; what went wrong is told all the same.
    const gaveUp = db.idempotencyKey.deleteMany({ where: { scope, key, requestHash, status: null } });
    await gaveUp.catch(() => undefined);
    throw error;
  }
  // Should this fail the work is done all the same: the key stays taken, so that a repeat does not do it twice at once.
  await db.idempotencyKey.update({
    where: { scope_key: { scope, key } },
    data: { status: answer.status, body: toStored(answer.body) },
  });
  return { ...answer, isReplayed: false };
}

type Reservation = { scope: string; key: string; requestHash: string; now: Date };

/** The database decides between two calls at once: one inserts the row, or takes over one that was left behind. */
async function reserve(db: Deps["db"], { scope, key, requestHash, now }: Reservation): Promise<boolean> {
  const taken = await db.$executeRaw`
    INSERT INTO "IdempotencyKey" AS k (scope, key, "requestHash", "createdAt")
    VALUES (${scope}, ${key}, ${requestHash}, ${now}::timestamptz)
    ON CONFLICT (scope, key) DO UPDATE
      SET "requestHash" = excluded."requestHash", "createdAt" = excluded."createdAt", status = NULL, body = NULL
    WHERE k."createdAt" < ${addMs(now, -KEPT_MS)}::timestamptz
       OR (k.status IS NULL AND k."requestHash" = excluded."requestHash"
           AND k."createdAt" < ${addMs(now, -ABANDONED_MS)}::timestamptz)`;
  return taken === 1;
}

async function replay(
  db: Deps["db"],
  { scope, key, requestHash }: Omit<Reservation, "now">,
): Promise<Answer & { isReplayed: boolean }> {
  const known = await db.idempotencyKey.findUnique({ where: { scope_key: { scope, key } } });
  if (known && known.requestHash !== requestHash) {
    throw conflict("idempotency_conflict", "This Idempotency-Key was used for another request.");
  }
  // A row that is gone again belonged to a call that has just failed: the next try may do the work.
  if (!known || known.status === null) {
    throw conflict("idempotency_in_progress", "A request with this Idempotency-Key is being worked on.");
  }
  return { status: known.status, body: known.body, isReplayed: true };
}

function hashRequest({ target, body }: OnceRequest): string {
  return createHash("sha256")
    .update(JSON.stringify([target, body ?? null]))
    .digest("hex");
}

/** As it goes over the wire: times are texts. */
function toStored(body: unknown): Prisma.InputJsonValue | typeof Prisma.JsonNull {
  return JSON.parse(JSON.stringify(body ?? null)) ?? Prisma.JsonNull;
}
