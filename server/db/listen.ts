import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { Log } from "#server/lib/log.ts";
import { withUtcSession } from "./session.ts";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

export type Listener = { close(): Promise<void> };

/**
 * Listens on a NOTIFY channel with a connection of its own, and returns once it does. A lost connection is
 * made again; what was notified in between is lost, so after a reconnect `onReconnect` is called and the
 * caller reads the tables again: a notification is only ever the bell.
 */
export async function createListener(
  url: string,
  channel: string,
  onNotify: (payload: string) => void,
  options: { onReconnect?: () => void; log?: Log } = {},
): Promise<Listener> {
  let isClosed = false;
  let client = await listen();

  async function listen(): Promise<pg.Client> {
    const next = new pg.Client({
      connectionString: withUtcSession(url),
      application_name: `bookproof listen ${channel}`,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
    });
    next.on("error", () => {}); // "end" follows and decides
    next.on("notification", (message) => onNotify(message.payload ?? ""));
    await next.connect();
    await next.query(`LISTEN ${next.escapeIdentifier(channel)}`);
    next.once("end", () => void reconnect());
    return next;
  }

  async function reconnect(): Promise<void> {
    if (!isClosed) options.log?.warn({ channel }, "notification connection lost, reconnecting");
    for (let pauseMs = FIRST_PAUSE_MS; !isClosed; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      await sleep(pauseMs, undefined, { ref: false });
      if (isClosed) return;
      try {
        client = await listen();
        if (isClosed) return await client.end();
        return options.onReconnect?.();
      } catch {
        // the database is still away
      }
    }
  }

  return {
    async close() {
      isClosed = true;
      await client.end();
    },
  };
}
