import type { BackfillSlice, Connection } from "#server/db/generated/client.ts";
import { addDays, addMs, SECOND_MS } from "#server/lib/duration.ts";
import { ProviderError } from "#server/providers/provider-error.ts";
import { systemSleep } from "#server/providers/sleep.ts";
import { closeWindow } from "#server/reconcile/close-window.ts";
import type { OpenConnection } from "#server/reconcile/open-connection.ts";
import { readWindowPage } from "#server/reconcile/window-pages.ts";
import { decidePageFailure, decideRestEnd } from "./decide-page-failure.ts";
import { findLimitWait } from "./find-limit-wait.ts";
import { type HeldRun, type RunDeps, RunLostError } from "./held-run.ts";
import {
  beginSlice,
  failSlice,
  finishSlice,
  noteSliceAttempt,
  noteStuck,
  saveSlicePage,
} from "./save-slice.ts";
import { readPosition } from "./slice-position.ts";
import { isDatabaseTrouble } from "./wait-backfill.ts";
import type { RunWatch } from "./watch-run.ts";

export type SliceEnd =
  | { outcome: "done" }
  | { outcome: "failed" }
  /** Stands at its last saved page: the operator or the process wants the worker to stop. */
  | { outcome: "stopped" }
  /** Nothing can be read there until then. */
  | { outcome: "rest"; until: Date; because: "limit" | "no_answer"; connection: Connection }
  | { outcome: "park"; connection: Connection; error: ProviderError };

export type SliceTools = {
  run: HeldRun;
  watch: RunWatch;
  /** Opened once per run and connection. A patient one keeps its place where the provider's limit is used up. */
  open: (connectionId: string, options: { isPatient: boolean }) => Promise<OpenConnection>;
};

/** A wait for the provider's limit that is longer than this is not worth holding a worker. */
export const SHORT_WAIT_MS = SECOND_MS;

/** Reads one slice from where it stands to its end, or to where it has to stop. */
export async function runSlice(deps: RunDeps, tools: SliceTools, slice: BackfillSlice): Promise<SliceEnd> {
  const { run, watch } = tools;
  let current = await beginSlice(deps, run, slice);
  for (;;) {
    if (watch.signal.aborted) return { outcome: "stopped" };
    let open: OpenConnection | null = null;
    try {
      open = await tools.open(slice.connectionId, { isPatient: readPosition(current.cursor).isStuck });
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
    const rest = await restForLimit(deps, open.row);
    if (rest) return rest;
    const { cursor, part } = position;
    if (cursor !== null && cursors.has(cursor)) {
      throw new ProviderError(open.provider, "unexpected", "The provider repeated a page.", {
        details: { reason: "repeated_token" },
      });
    }
    if (cursor !== null) cursors.add(cursor);
    const page = await watch.reading(open.row, () =>
      readWindowPage(deps, open, window, cursor, new Set(part)),
    );
    const saved = await saveSlicePage(deps, run, open, current, page);
    current = saved.slice;
    onSaved(current);
    if (saved.desired !== "running") return { outcome: "stopped" };
    if (page.cutShort) {
      const until = decideRestEnd(page.cutShort.error.retryAt, deps.clock.now());
      return { outcome: "rest", until, because: "limit", connection: open.row };
    }
  }
  return closeSlice(deps, { run, watch }, open, current, window);
}

/** Before a page is begun, nothing is lost by letting the worker go. */
async function restForLimit(deps: RunDeps, connection: Connection): Promise<SliceEnd | null> {
  const until = await findLimitWait(deps, connection);
  const isLong = until !== null && until.getTime() - deps.clock.now().getTime() > SHORT_WAIT_MS;
  return isLong ? { outcome: "rest", until, because: "limit", connection } : null;
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
  // The run waits for the database, and no slice is to blame.
  if (isDatabaseTrouble(error)) throw error;
  const isProvider = error instanceof ProviderError;
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
