import type { BackfillSlice, Connection } from "#server/db/generated/client.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import { addMs } from "#server/lib/duration.ts";
import { ProviderError } from "#server/providers/provider-error.ts";
import { systemSleep } from "#server/providers/sleep.ts";
import { noteFailedPass } from "#server/reconcile/settle-incidents.ts";
import { decidePageFailure } from "./decide-page-failure.ts";
import { type HeldRun, type RunDeps, RunLostError } from "./held-run.ts";
import { lookUpSlice } from "./look-up-slice.ts";
import { restCircuit } from "./rest-circuit.ts";
import { beginSlice, failSlice, noteSliceAttempt, noteStuck } from "./save-slice.ts";
import type { SliceEnd, SliceTools } from "./slice-end.ts";
import { readPosition } from "./slice-position.ts";
import { sweepSlice } from "./sweep-slice.ts";
import { isDatabaseTrouble } from "./wait-backfill.ts";

/** Reads one slice from where it stands to its end, or to where it has to stop. */
export async function runSlice(deps: RunDeps, tools: SliceTools, slice: BackfillSlice): Promise<SliceEnd> {
  const { run, watch } = tools;
  const readSlice = run.mode === "lookup" ? lookUpSlice : sweepSlice;
  let current = await beginSlice(deps, run, slice);
  for (;;) {
    if (watch.signal.aborted) return { outcome: "stopped" };
    try {
      return await readSlice(deps, tools, current, (saved) => {
        current = saved;
      });
    } catch (error) {
      if (error instanceof RunLostError) throw error;
      if (watch.signal.aborted) return { outcome: "stopped" };
      const end = await handleFailure(deps, tools, current, error);
      if ("end" in end) return end.end;
      current = end.slice;
    }
  }
}

/** Whose failure it is: a slice of leads asks every connection of its workspace. */
async function findConnection(
  { db }: RunDeps,
  slice: BackfillSlice,
  error: unknown,
): Promise<Connection | null> {
  if (!(error instanceof ProviderError) || error.provider === slice.provider) {
    return db.connection.findUnique({ where: { id: slice.connectionId } });
  }
  const { workspaceId } = slice;
  return db.connection.findFirst({ where: { workspaceId, provider: error.provider, state: { not: "off" } } });
}

async function handleFailure(
  deps: RunDeps,
  { run, watch }: SliceTools,
  slice: BackfillSlice,
  error: unknown,
): Promise<{ end: SliceEnd } | { slice: BackfillSlice }> {
  // The run waits for the database, and no slice is to blame.
  if (isDatabaseTrouble(error)) throw error;
  const isProvider = error instanceof ProviderError;
  const decision = decidePageFailure({
    kind: isProvider ? error.kind : null,
    retryAt: isProvider ? error.retryAt : null,
    attempts: slice.attempts,
    hasCursor: readPosition(slice.cursor).cursor !== null || isShifted(error),
    now: deps.clock.now(),
  });
  const row = await findConnection(deps, slice, error);
  switch (decision.outcome) {
    case "rest":
      if (!row) return { end: await giveUp(deps, run, slice, "internal", error) };
      await noteStuck(deps, run, slice);
      return { end: { outcome: "rest", until: decision.until, because: "limit", connection: row } };
    case "park":
      if (!row || !isProvider) return { end: await giveUp(deps, run, slice, "internal", error) };
      return { end: { outcome: "park", connection: row, error } };
    case "retry": {
      const code = isProvider ? error.code : "internal";
      deps.log.warn(
        { err: error, backfillId: run.id, sliceId: slice.id, code },
        "backfill slice is tried again",
      );
      const next = await noteSliceAttempt(deps, run, slice, { code, fromStart: decision.fromStart });
      if (isProvider && row) {
        const until = addMs(deps.clock.now(), decision.delayMs);
        return { end: { outcome: "rest", until, because: "no_answer", connection: row } };
      }
      await (deps.sleep ?? systemSleep)(decision.delayMs, watch.signal).catch(() => {}); // an abort ends the wait, the loop sees it
      return { slice: next };
    }
    case "give_up": {
      const end = await giveUp(deps, run, slice, decision.code, error);
      if (isProvider && row) await noteSliceFailure(deps, row, error);
      return { end: (isProvider && row && (await restCircuit(deps, run, row))) || end };
    }
    default:
      return decision satisfies never;
  }
}

/** An answer that nobody can read, or a list that goes round, is shown where the account is, as a sweep's is. */
async function noteSliceFailure(
  { db, clock }: RunDeps,
  row: Connection,
  error: ProviderError,
): Promise<void> {
  await runTransaction(db, "note failed slice", (tx) =>
    noteFailedPass(tx, row, { tier: null, error, failures: 0 }, clock.now()),
  );
}

/** Every page was read, and yet not every meeting. */
function isShifted(error: unknown): boolean {
  const details = error instanceof ProviderError ? error.details : null;
  return (
    typeof details === "object" && details !== null && "reason" in details && details.reason === "shifted"
  );
}

async function giveUp(
  deps: RunDeps,
  run: HeldRun,
  slice: BackfillSlice,
  code: string,
  error: unknown,
): Promise<SliceEnd> {
  deps.log.error({ err: error, backfillId: run.id, sliceId: slice.id, code }, "backfill slice failed");
  await failSlice(deps, run, slice, {
    code,
    message: error instanceof ProviderError ? error.message : "the slice could not be read",
  });
  return { outcome: "failed" };
}
