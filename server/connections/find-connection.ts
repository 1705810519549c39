import type { Db } from "#server/db/client.ts";
import type { Connection } from "#server/db/generated/client.ts";
import { conflict, notFound } from "#server/lib/errors.ts";

export type ConnectionRef = { workspaceId: string; connectionId: string };

/** The workspace's own connection, whatever its state; a foreign id is not found (R42). */
export async function findConnection(
  db: Db,
  { workspaceId, connectionId }: ConnectionRef,
): Promise<Connection> {
  const row = await db.connection.findFirst({ where: { id: connectionId, workspaceId } });
  if (!row) throw notFound("Connection");
  return row;
}

/** For everything that needs the account: one that was disconnected has none any more. */
export async function findActiveConnection(db: Db, ref: ConnectionRef): Promise<Connection> {
  const row = await findConnection(db, ref);
  if (row.state === "off")
    throw conflict("connection_off", "This connection is off. Connect the account again.");
  return row;
}
