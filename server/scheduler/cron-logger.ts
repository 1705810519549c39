import type { Logger } from "node-cron";
import type { Log } from "#server/lib/log.ts";

/**
 * The library's own remarks as lines of our log: left alone, it writes them in colours between those (that a tick was
 * passed over, since the last one still went on).
 */
export function createCronLogger(log: Log, tick: string): Logger {
  const say = (level: "debug" | "warn" | "error") => (message: string | Error, err?: Error) => {
    if (message instanceof Error) log[level]({ tick, err: message }, "tick failed");
    else log[level]({ tick, ...(err ? { err } : {}) }, message);
  };
  return { debug: say("debug"), info: say("debug"), warn: say("warn"), error: say("error") };
}
