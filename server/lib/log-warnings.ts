import type { EventEmitter } from "node:events";
import type { Log } from "./log.ts";

/** What Node and libraries warn of becomes a line of the log, instead of plain text between its lines. */
export function logWarnings(log: Log, source: EventEmitter = process): void {
  source.removeAllListeners("warning");
  source.on("warning", (warning: Error) => log.warn({ err: warning }, "warning"));
}
