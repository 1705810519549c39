import type { Actor } from "#server/audit/actor.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import type { Tx } from "#server/db/client.ts";
import { Prisma } from "#server/db/generated/client.ts";
import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { publish } from "#server/db/outbox.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { conflict } from "#server/lib/errors.ts";
import { followAccount } from "./follow-account.ts";
import type { AccountEventType } from "./read-calendly-account.ts";

type NewConnection = Omit<Prisma.ConnectionUncheckedCreateInput, "workspaceId" | "tokenSealed"> & {
  workspaceId: string;
};

/** Refuses a second account of one provider before the provider is asked anything. */
export async function refuseSecondConnection(
  { db }: Pick<Deps, "db">,
  workspaceId: string,
  provider: "calendly" | "highlevel",
): Promise<void> {
  const known = await db.connection.count({ where: { workspaceId, provider, state: { not: "off" } } });
  if (known > 0) throw alreadyConnected();
}

/**
 * Writes the connection with its event types, lets it follow what the same account told before, and puts the first sweep
 * in line, so that data appears at once. Two people who connect at the same time are settled by the unique index: the
 * second is told.
 */
export async function saveConnection(
  deps: Pick<Deps, "db" | "queue" | "clock" | "secrets">,
  actor: Actor,
  token: string,
  row: NewConnection,
  eventTypes: AccountEventType[],
): Promise<string> {
  const now = deps.clock.now();
  const tokenSealed = deps.secrets.seal(token);
  try {
    return await runTransaction(deps.db, "saveConnection", async (tx) => {
      await lockWorkspace(tx, row.workspaceId);
      const connection = await tx.connection.create({
        data: {
          ...row,
          tokenSealed,
          tokenChangedAt: now,
          stateSince: now,
          createdAt: now,
          lastCheckAt: now,
          createdById: actor.kind === "operator" ? actor.id : null,
        },
      });
      const { id } = connection;
      await followAccount(tx, connection);
      await saveEventTypes(tx, id, eventTypes, { includeNew: true, now });
      await writeAudit(tx, actor, now, [
        {
          workspaceId: row.workspaceId,
          verb: "connection_connected",
          subjectType: "connection",
          subjectId: id,
          after: { provider: row.provider, state: row.state, reasonCode: row.reasonCode ?? null },
          source: "operator",
        },
      ]);
      await sendSweep({ queue: deps.queue, tx }, id, "connected");
      await publish(tx, now, [{ workspaceId: row.workspaceId, kind: "connection", ids: [id] }]);
      return id;
    });
  } catch (error) {
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2002")
      throw alreadyConnected();
    throw error;
  }
}

/** The warm tier reads the whole window; sweeps of one connection wait in one line. */
export async function sendSweep(
  { queue, tx }: { queue: Deps["queue"]; tx: Tx },
  connectionId: string,
  trigger: string,
): Promise<void> {
  await queue.send("sweep", { connectionId, tier: "warm", trigger }, { key: connectionId, tx });
}

/**
 * Takes over what the provider lists now. A choice that was made stays; new ones follow `includeNew`, and so does the
 * mark of what was booked on them before we knew them (R10).
 */
export async function saveEventTypes(
  tx: Tx,
  connectionId: string,
  eventTypes: AccountEventType[],
  { includeNew, now }: { includeNew: boolean; now: Date },
): Promise<void> {
  if (eventTypes.length === 0) return;
  const listed = await tx.$queryRaw<{ providerId: string; isNew: boolean }[]>`
    INSERT INTO "ConnectionEventType" ("connectionId", "providerId", name, active, selected, "durationMin", "seenAt")
    SELECT ${connectionId}::uuid, r.id, r.name, r."isActive", ${includeNew}, r."durationMin", ${now}::timestamptz
    FROM jsonb_to_recordset(${JSON.stringify(eventTypes)}::jsonb)
      AS r(id text, name text, "isActive" boolean, "durationMin" int)
    ON CONFLICT ("connectionId", "providerId") DO UPDATE
      SET name = excluded.name, active = excluded.active, "durationMin" = excluded."durationMin",
          "seenAt" = excluded."seenAt"
    -- A row that was there carries the transaction that changes it.
    RETURNING "providerId", xmax = 0 AS "isNew"`;
  const newIds = includeNew ? listed.filter(({ isNew }) => isNew).map(({ providerId }) => providerId) : [];
  if (newIds.length === 0) return;
  await tx.$executeRaw`
    UPDATE "Appointment" SET "onConfiguredType" = true
    WHERE "connectionId" = ${connectionId}::uuid AND NOT "onConfiguredType" AND "calendarId" = ANY(${newIds}::text[])`;
}

function alreadyConnected() {
  return conflict(
    "already_connected",
    "This workspace has an account of this provider already. Disconnect it first.",
  );
}
