import type { Connection } from "#server/db/generated/client.ts";
import { addMs } from "#server/lib/duration.ts";
import { decideCircuitRest } from "./decide-circuit.ts";
import type { HeldRun, RunDeps } from "./held-run.ts";
import type { SliceEnd } from "./slice-end.ts";

/** Called when a slice was given up: a provider that fails most of them is down, and the others wait. Else null. */
export async function restCircuit(
  { db, clock }: RunDeps,
  run: HeldRun,
  connection: Connection,
): Promise<Extract<SliceEnd, { outcome: "rest" }> | null> {
  const count = (state: "done" | "failed", errorCode?: { startsWith: string }) =>
    db.backfillSlice.count({
      where: { backfillId: run.id, connectionId: connection.id, state, ...(errorCode ? { errorCode } : {}) },
    });
  const restMs = decideCircuitRest({
    done: await count("done"),
    failed: await count("failed", { startsWith: "provider_" }),
  });
  if (restMs === null) return null;
  return { outcome: "rest", until: addMs(clock.now(), restMs), because: "no_answer", connection };
}
