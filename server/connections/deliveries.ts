import type { DeliveryResult } from "#server/db/generated/enums.ts";
import type { Deps } from "#server/deps.ts";
import { AppError, notFound } from "#server/lib/errors.ts";
import { findConnection } from "./find-connection.ts";
import { redactPayload } from "./redact-payload.ts";

const PAGE = 50;

const COLUMNS = {
  id: true,
  eventType: true,
  result: true,
  resultReason: true,
  keyIndex: true,
  signedAt: true,
  receivedAt: true,
  processedAt: true,
  tookMs: true,
  duplicates: true,
  tries: true,
  bodyBytes: true,
  bodyHash: true,
  leadId: true,
  appointmentId: true,
} as const;

/** Deliveries of one connection, newest first, in stable pages; with the lead each one led to. A foreign connection is not found. */
export async function listDeliveries(
  { db, clock }: Pick<Deps, "db" | "clock">,
  query: { workspaceId: string; connectionId: string; result: DeliveryResult | null; cursor: string | null },
) {
  const { workspaceId, connectionId } = query;
  await findConnection(db, query);
  const where = {
    workspaceId,
    connectionId,
    // A repeat has no row of its own: it is a count on the delivery that it repeats.
    ...(query.result === "duplicate"
      ? { duplicates: { gt: 0 } }
      : query.result
        ? { result: query.result }
        : {}),
  };
  const cursor = readCursor(query.cursor);
  const isBack = cursor?.direction === "p";
  const [rows, total] = await Promise.all([
    db.webhookDelivery.findMany({
      where: cursor ? { AND: [where, isBack ? newerThan(cursor) : olderThan(cursor)] } : where,
      orderBy: isBack ? [{ receivedAt: "asc" }, { id: "asc" }] : [{ receivedAt: "desc" }, { id: "desc" }],
      take: PAGE + 1,
      select: COLUMNS,
    }),
    db.webhookDelivery.count({ where }),
  ]);
  const page = rows.slice(0, PAGE);
  if (isBack) page.reverse();
  const [first] = page;
  const last = page.at(-1);
  const [before, names] = await Promise.all([
    first && cursor
      ? db.webhookDelivery.count({
          where: { AND: [where, newerThan({ at: first.receivedAt, id: first.id })] },
        })
      : 0,
    loadLeadNames(
      { db },
      workspaceId,
      page.flatMap((row) => row.leadId ?? []),
    ),
  ]);
  return {
    rows: page.map(({ bodyHash: _, bodyBytes: __, ...row }) => ({
      ...row,
      lead: row.leadId ? (names.get(row.leadId) ?? null) : null,
    })),
    /** Place of the first row among all, from 1. */
    from: before + 1,
    next: last && before + page.length < total ? writeCursor("n", last) : null,
    prev: first && before > 0 ? writeCursor("p", first) : null,
    total,
    asOf: clock.now(),
  };
}

type Place = { at: Date; id: string };

function olderThan({ at, id }: Place) {
  return { OR: [{ receivedAt: { lt: at } }, { receivedAt: at, id: { lt: id } }] };
}

function newerThan({ at, id }: Place) {
  return { OR: [{ receivedAt: { gt: at } }, { receivedAt: at, id: { gt: id } }] };
}

function writeCursor(direction: "n" | "p", row: { receivedAt: Date; id: string }): string {
  return `${direction}_${row.receivedAt.toISOString()}_${row.id}`;
}

/** One delivery with its payload's shape; the person's words stay closed. */
export async function loadDelivery(
  { db, secrets }: Pick<Deps, "db" | "secrets">,
  ref: { workspaceId: string; deliveryId: string },
) {
  const row = await db.webhookDelivery.findFirst({
    where: { id: ref.deliveryId, workspaceId: ref.workspaceId },
    select: { ...COLUMNS, headers: true, bodySealed: true },
  });
  if (!row) throw notFound("Delivery");
  const { bodySealed, headers, ...delivery } = row;
  const names = await loadLeadNames({ db }, ref.workspaceId, row.leadId ? [row.leadId] : []);
  return {
    ...delivery,
    lead: row.leadId ? (names.get(row.leadId) ?? null) : null,
    // Written by the receivers only.
    headers: headers as Record<string, string>,
    payload: bodySealed ? redactPayload(parseJson(secrets.open(bodySealed))) : null,
  };
}

async function loadLeadNames(
  { db }: Pick<Deps, "db">,
  workspaceId: string,
  ids: string[],
): Promise<Map<string, { id: string; name: string }>> {
  if (ids.length === 0) return new Map();
  const leads = await db.lead.findMany({
    where: { workspaceId, id: { in: ids } },
    select: { id: true, firstName: true, lastName: true, email: true },
  });
  return new Map(
    leads.map(({ id, firstName, lastName, email }) => [
      id,
      { id, name: [firstName, lastName].filter(Boolean).join(" ") || email },
    ]),
  );
}

function readCursor(cursor: string | null): (Place & { direction: "n" | "p" }) | null {
  if (cursor === null) return null;
  const [direction, at = "", id = ""] = cursor.split("_");
  const time = Date.parse(at);
  const isKnown = direction === "n" || direction === "p";
  if (!isKnown || Number.isNaN(time) || !/^[0-9a-f-]{36}$/.test(id)) {
    throw new AppError("bad_request", "That page does not exist.");
  }
  return { direction, at: new Date(time), id };
}

/** What was stored unread may be no JSON at all. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return "not JSON";
  }
}
