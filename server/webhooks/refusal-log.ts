import type { Deps } from "#server/deps.ts";
import { MINUTE_MS } from "#server/lib/duration.ts";

export type RefusalLog = (reason: string) => void;

/**
 * For refusals that belong to no workspace, at an address that anybody may knock at: each reason is said once a minute,
 * with how many there were since.
 */
export function createRefusalLog({ log, clock }: Pick<Deps, "log" | "clock">): RefusalLog {
  const said = new Map<string, { atMs: number; more: number }>();
  return (reason) => {
    const atMs = clock.now().getTime();
    const last = said.get(reason);
    if (last && Math.abs(atMs - last.atMs) < MINUTE_MS) {
      last.more += 1;
      return;
    }
    log.warn({ reason, moreBefore: last?.more ?? 0 }, "highlevel delivery refused");
    said.set(reason, { atMs, more: 0 });
  };
}
