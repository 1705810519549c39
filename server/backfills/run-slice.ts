import type { BackfillSlice, Connection } from "#server/db/generated/client.ts";
import { addDays } from "#server/lib/duration.ts";
import { AppError } from "#server/lib/errors.ts";
import { ProviderError } from "#server/providers/provider-error.ts";
import { systemSleep } from "#server/providers/sleep.ts";
import { closeWindow } from "#server/reconcile/close-window.ts";
import type { OpenConnection } from "#server/reconcile/open-connection.ts";
import { readWindowPage } from "#server/reconcile/window-pages.ts";
import { decidePageFailure } from "./decide-page-failure.ts";
import { type HeldRun, type RunDeps, RunLostError } from "./held-run.ts";
import { beginSlice, failSlice, finishSlice, noteSliceAttempt, saveSlicePage } from "./save-slice.ts";
import { readPosition } from "./slice-position.ts";
import type { RunWatch } from "./watch-run.ts";

export type SliceEnd =
  | { outcome: "done" }
  | { outcome: "failed" }
  /** Stands at its last saved page: the operator or the process wants the worker to stop. */
  | { outcome: "stopped" }
  | { outcome: "rest"; until: Date; connection: Connection }
  | { outcome: "park"; connection: Connection; error: ProviderError };

export type SliceTools = {
  run: HeldRun;
  watch: RunWatch;
  /** Opened once per run and connection. */
  open: (connectionId: string) => Promise<OpenConnection>;
};

/** Reads one slice from where it stands to its end, or to where it has to stop. */
export async function runSlice(deps: RunDeps, tools: SliceTools, slice: BackfillSlice): Promise<SliceEnd> {
  const { run, watch } = tools;
  let current = await beginSlice(deps, run, slice);
  for (;;) {
    if (watch.signal.aborted) return { outcome: "stopped" };
    let open: OpenConnection | null = null;
    try {
      open = await tools.open(slice.connectionId);
      const end = await readToEnd(deps, tools, open, current, (saved) => {
        current = saved;
      });
      if (end) return end;
    } catch (error) {
      if (error instanceof RunLostError) throw error;
      if (watch.signal.aborted) return { outcome: "stopped" };
      const end = await handleFailure(deps, tools, current, open?.row ?? null, error);
      if ("end" in end) return end.end;
      current = end.slice;
    }
  }
}

/** Page after page, then the check for missing ones. Null when there is nothing left to say but "again". */
async function readToEnd(
  deps: RunDeps,
  { run, watch }: SliceTools,
  open: OpenConnection,
  slice: BackfillSlice,
  onSaved: (slice: BackfillSlice) => void,
): Promise<SliceEnd | null> {
  let current = slice;
  const window = { from: slice.day, to: addDays(slice.day, 1) };
  const cursors = new Set<string>();
  for (
    let position = readPosition(current.cursor);
    !position.isRead;
    position = readPosition(current.cursor)
  ) {
    if (watch.signal.aborted) return { outcome: "stopped" };
    const { cursor } = position;
    if (cursor !== null && cursors.has(cursor)) {
      throw new ProviderError(open.provider, "unexpected", "The provider repeated a page.", {
        details: { reason: "repeated_token" },
      });
    }
    if (cursor !== null) cursors.add(cursor);
    const page = await watch.reading(open.row, () => readWindowPage(deps, open, window, cursor));
    const saved = await saveSlicePage(deps, run, open, current, page);
    current = saved.slice;
    onSaved(current);
    if (saved.desired !== "running") return { outcome: "stopped" };
  }
  return closeSlice(deps, { run, watch }, open, current, window);
}

/** A dry run proves nothing, so it neither asks for missing meetings nor marks days as verified. */
async function closeSlice(
  deps: RunDeps,
  { run, watch }: Pick<SliceTools, "run" | "watch">,
  open: OpenConnection,
  slice: BackfillSlice,
  window: { from: Date; to: Date },
): Promise<SliceEnd> {
  if (run.dryRun || slice.startedAt === null) {
    await finishSlice(deps, run, slice, {});
    return { outcome: "done" };
  }
  const seen = new Set(readPosition(slice.cursor).seen);
  const { startedAt } = slice;
  const closed = await watch.reading(open.row, () => closeWindow(deps, open, window, startedAt, seen));
  if (closed.isComplete) {
    await finishSlice(deps, run, slice, { vanished: closed.vanished });
    return { outcome: "done" };
  }
  // R5: far fewer meetings than were known prove nothing; the day stays unverified and says why.
  await failSlice(deps, run, slice, {
    code: "suspicious_drop",
    message: "far fewer meetings than before; none was taken for lost",
  });
  return { outcome: "failed" };
}

async function handleFailure(
  deps: RunDeps,
  { run, watch }: SliceTools,
  slice: BackfillSlice,
  connection: Connection | null,
  error: unknown,
): Promise<{ end: SliceEnd } | { slice: BackfillSlice }> {
  // The database is too busy or away: the queue tries the whole run again, and no slice is to blame.
  const isProvider = error instanceof ProviderError;
  if (!isProvider && error instanceof AppError && error.code === "database_busy") throw error;
  const decision = decidePageFailure({
    kind: isProvider ? error.kind : null,
    retryAt: isProvider ? error.retryAt : null,
    attempts: slice.attempts,
    hasCursor: readPosition(slice.cursor).cursor !== null,
    now: deps.clock.now(),
  });
  const row = connection ?? (await deps.db.connection.findUnique({ where: { id: slice.connectionId } }));
  switch (decision.outcome) {
    case "rest":
      if (!row) return { end: await giveUp(deps, run, slice, "internal", error) };
      return { end: { outcome: "rest", until: decision.until, connection: row } };
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
      await systemSleep(decision.delayMs, watch.signal).catch(() => {}); // an abort ends the wait, the loop sees it
      return { slice: next };
    }
    case "give_up":
      return { end: await giveUp(deps, run, slice, decision.code, error) };
    default:
      return decision satisfies never;
  }
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
