import type { Actor } from "#server/audit/actor.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import type { Connection } from "#server/db/generated/client.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import { conflict } from "#server/lib/errors.ts";
import { accountColumns, type ConnectDeps } from "./connect-calendly.ts";
import { type ConnectFailure, connectError } from "./connect-error.ts";
import { locationColumns } from "./connect-highlevel.ts";
import { type ConnectionRef, findActiveConnection } from "./find-connection.ts";
import type { AccountEventType } from "./read-calendly-account.ts";
import { saveEventTypes, sendSweep } from "./save-connection.ts";
import { saveConnectionState } from "./save-connection-state.ts";
import { decideStateOf } from "./state-facts.ts";
import { verifyCalendlyToken } from "./verify-calendly-token.ts";
import { verifyHighLevelToken } from "./verify-highlevel-token.ts";

type NewAccount = {
  columns: ReturnType<typeof accountColumns> | ReturnType<typeof locationColumns>;
  eventTypes: AccountEventType[];
};

/**
 * Swaps the token for a new one of the same account: the new one is verified first, and the old one works until then.
 * A token of another account is refused, since its calendar would make everything known look vanished.
 */
export async function rotateToken(
  deps: ConnectDeps,
  actor: Actor,
  { token, ...ref }: ConnectionRef & { token: string },
): Promise<{ ok: true } | ConnectFailure> {
  const row = await findActiveConnection(deps.db, ref);
  const verified = await verifyNewToken(deps, row, token);
  if (!verified.ok) return verified;
  const { columns, eventTypes } = verified.account;
  const now = deps.clock.now();
  const tokenSealed = deps.secrets.seal(token);
  await runTransaction(deps.db, "rotateToken", async (tx) => {
    const isSaved = await saveConnectionState(
      tx,
      row,
      decideStateOf(row, { tokenProblem: null, isUnreachable: false }),
      now,
      { ...columns, tokenSealed, tokenChangedAt: now, lastCheckAt: now, failures: 0, breakerUntil: null },
      actor,
    );
    if (!isSaved) throw conflict("connection_off", "Somebody disconnected this account meanwhile.");
    await saveEventTypes(tx, row.id, eventTypes, { includeNew: row.includeNewEventTypes, now });
    await writeAudit(tx, actor, now, [
      {
        workspaceId: row.workspaceId,
        verb: "connection_token_replaced",
        subjectType: "connection",
        subjectId: row.id,
        source: "operator",
      },
    ]);
    await sendSweep({ queue: deps.queue, tx }, row.id, "token_replaced");
  });
  return { ok: true };
}

async function verifyNewToken(
  deps: ConnectDeps,
  row: Connection,
  token: string,
): Promise<{ ok: true; account: NewAccount } | ConnectFailure> {
  if (row.provider === "highlevel") {
    const verified = await verifyHighLevelToken(deps, { token, locationId: row.locationId ?? "" });
    if (!verified.ok) return verified;
    const { account } = verified;
    return { ok: true, account: { columns: locationColumns(account), eventTypes: account.calendars } };
  }
  const verified = await verifyCalendlyToken(deps, token);
  if (!verified.ok) return verified;
  const { account } = verified;
  // A member's token shows that member's meetings only: another member's would be another calendar.
  const isSame = row.fullScope || account.isFullScope || row.ownerId === account.ownerId;
  if (account.organizationId !== row.organizationId || !isSame) {
    const accountName = account.organizationName ?? account.ownerName;
    return { ok: false, error: connectError("calendly", "other_account", { accountName }) };
  }
  return { ok: true, account: { columns: accountColumns(account), eventTypes: account.eventTypes } };
}
