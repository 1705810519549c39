import type { Db } from "#server/db/client.ts";
import type { Deps } from "#server/deps.ts";
import { SECOND_MS } from "#server/lib/duration.ts";
import type { CallCount, Metrics } from "./metrics.ts";

/** What a killed process has not told yet is lost to the totals: no more than this. */
const SAVE_EVERY_MS = 10 * SECOND_MS;

/** Adds to the totals of all processes, in the order of their key, so that two that do so never wait in a circle. */
export async function saveCallTotals(db: Db, counts: CallCount[]): Promise<void> {
  if (counts.length === 0) return;
  await db.$executeRaw`
    INSERT INTO "CallTotal" AS t (provider, endpoint, outcome, calls, ms)
    SELECT r.provider, r.endpoint, r.outcome, r.calls, r.ms
    FROM jsonb_to_recordset(${JSON.stringify(counts)}::jsonb)
      AS r(provider "Provider", endpoint text, outcome text, calls bigint, ms bigint)
    ORDER BY 1, 2, 3
    ON CONFLICT (provider, endpoint, outcome) DO UPDATE SET
      calls = t.calls + excluded.calls, ms = t.ms + excluded.ms`;
}

/** Saves this process's calls every few seconds, and once more when it stops. */
export function keepCallTotals(
  { db, log }: Pick<Deps, "db" | "log">,
  metrics: Metrics,
): { stop(): Promise<void> } {
  const save = async () => {
    try {
      await metrics.saveCalls(db);
    } catch (err) {
      // A database that rests for a moment gets them with the next ones.
      log.warn({ err }, "call totals wait");
    }
  };
  const timer = setInterval(() => void save(), SAVE_EVERY_MS);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await save();
    },
  };
}
