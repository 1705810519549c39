import { EventEmitter, on } from "node:events";
import type { Db } from "./client.ts";
import { createListener } from "./listen.ts";
import { type LiveKind, OUTBOX_CHANNEL } from "./outbox.ts";

export type FeedEvent = {
  /** `txid.id`: where a stream resumes. */
  id: string;
  workspaceId: string;
  kind: LiveKind;
  ids: string[];
  at: Date;
};

export type LiveFeed = {
  /** Events after `lastId` (or from now on), as they are committed, until the signal aborts. */
  follow(options: { lastId?: string | undefined; signal: AbortSignal }): AsyncIterable<FeedEvent>;
  close(): Promise<void>;
};

type Position = { txid: bigint; id: bigint };
type Row = { txid: bigint; id: bigint; workspaceId: string; kind: LiveKind; ids: string[]; at: Date };

const PAGE = 500;

/**
 * Reads the outbox once per process and hands its rows to every stream. Order is (txid, id) and only rows below the
 * oldest running transaction are read, so a transaction that commits late is never skipped. The notification is the
 * bell; a slow poll stands behind it for the bell that nobody heard.
 */
export async function createLiveFeed(options: { db: Db; url: string; pollMs?: number }): Promise<LiveFeed> {
  const { db, pollMs = 1_000 } = options;
  const bus = new EventEmitter().setMaxListeners(0);
  let position = await readEnd(db);
  let reading: Promise<void> | null = null;
  let again = false;

  async function drain(): Promise<void> {
    do {
      again = false;
      const rows = await readAfter(db, position);
      for (const row of rows) {
        position = { txid: row.txid, id: row.id };
        bus.emit("event", toEvent(row));
      }
      if (rows.length === PAGE) again = true;
    } while (again);
  }

  function ring(): void {
    again = true;
    reading ??= drain()
      // The next poll tries again; a stream that misses nothing but time is not worth a crash.
      .catch(() => undefined)
      .finally(() => {
        reading = null;
      });
  }

  const listener = await createListener(options.url, OUTBOX_CHANNEL, ring);
  const timer = setInterval(ring, pollMs);
  timer.unref();

  return {
    async *follow({ lastId, signal }) {
      // Gone before the first look: listening with an aborted signal throws.
      if (signal.aborted) return;
      // Listen first, replay second: what comes twice is dropped by position, and nothing falls between.
      const live = on(bus, "event", { signal });
      let last = parsePosition(lastId);
      if (last) {
        for (let rows = await readAfter(db, last); rows.length > 0; rows = await readAfter(db, last)) {
          for (const row of rows) {
            last = { txid: row.txid, id: row.id };
            yield toEvent(row);
          }
        }
      }
      try {
        for await (const [event] of live) {
          const at = parsePosition(event.id);
          if (last && at && !isAfter(at, last)) continue;
          yield event;
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
    async close() {
      clearInterval(timer);
      await listener.close();
      await reading;
    },
  };
}

async function readEnd(db: Db): Promise<Position> {
  const [row] = await db.$queryRaw<Position[]>`
    SELECT txid, id FROM "OutboxEvent"
    WHERE txid < (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint
    ORDER BY txid DESC, id DESC LIMIT 1`;
  return row ?? { txid: 0n, id: 0n };
}

async function readAfter(db: Db, { txid, id }: Position): Promise<Row[]> {
  return db.$queryRaw<Row[]>`
    SELECT txid, id, "workspaceId", kind, ids, at FROM "OutboxEvent"
    WHERE (txid, id) > (${txid}::bigint, ${id}::bigint)
      AND txid < (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint
    ORDER BY txid, id LIMIT ${PAGE}`;
}

function toEvent({ txid, id, ...row }: Row): FeedEvent {
  return { id: `${txid}.${id}`, ...row };
}

/** A stream position as the browser gives it back; null for anything that is not one. */
export function parsePosition(text: string | undefined): Position | null {
  const match = /^(\d{1,19})\.(\d{1,19})$/.exec(text ?? "");
  return match?.[1] && match[2] ? { txid: BigInt(match[1]), id: BigInt(match[2]) } : null;
}

function isAfter(a: Position, b: Position): boolean {
  return a.txid > b.txid || (a.txid === b.txid && a.id > b.id);
}
