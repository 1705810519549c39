import type { BackfillSlice } from "#server/db/generated/client.ts";
import { addDays } from "#server/lib/duration.ts";
import { ProviderError } from "#server/providers/provider-error.ts";
import { closeWindow } from "#server/reconcile/close-window.ts";
import type { OpenConnection } from "#server/reconcile/open-connection.ts";
import { readWindowPage } from "#server/reconcile/window-pages.ts";
import type { RunDeps } from "./held-run.ts";
import { requireNoneSlipped } from "./require-none-slipped.ts";
import { saveSlicePage } from "./save-page.ts";
import { failSlice, finishSlice } from "./save-slice.ts";
import { restAfterPart, restBeforePage, type SliceEnd, type SliceTools } from "./slice-end.ts";
import { readPosition } from "./slice-position.ts";

/** A day of one provider's calendar: page after page, then the check for missing ones. */
export async function sweepSlice(
  deps: RunDeps,
  { run, watch, open: openIt }: SliceTools,
  slice: BackfillSlice,
  onSaved: (slice: BackfillSlice) => void,
): Promise<SliceEnd> {
  let current = slice;
  const open = await openIt(slice.connectionId, { isPatient: readPosition(slice.cursor).isStuck });
  const window = { from: slice.day, to: addDays(slice.day, 1) };
  const cursors = new Set<string>();
  for (
    let position = readPosition(current.cursor);
    !position.isRead;
    position = readPosition(current.cursor)
  ) {
    if (watch.signal.aborted) return { outcome: "stopped" };
    const rest = await restBeforePage(deps, open.row);
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
    if (page.cutShort) return restAfterPart(deps, open.row, page.cutShort.error);
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
  const { seen, doubted } = readPosition(slice.cursor);
  const { startedAt, page: pages } = slice;
  const closed = await watch.reading(open.row, async () => {
    const slipped = await requireNoneSlipped(deps, open, window, { pages, seen: new Set(seen) });
    const listing = {
      named: new Set([...seen, ...slipped]),
      doubted: new Set([...doubted, ...slipped]),
    };
    return closeWindow(deps, open, window, startedAt, { listing, run: run.window });
  });
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
