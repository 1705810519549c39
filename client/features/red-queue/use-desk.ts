import { type RefObject, useCallback, useLayoutEffect, useMemo, useRef } from "react";
import type { DataTableHandle } from "#client/components/data-table/data-table.tsx";
import { readNowMs } from "#client/lib/clock.ts";
import { showErrorToast } from "#client/lib/toasts.ts";
import { readError } from "#client/lib/trpc.ts";
import { useIsHere } from "#client/lib/use-is-here.ts";
import { findHolder, isOpenTask } from "./decide-task-state.ts";
import { findNextRow } from "./queue-rows.ts";
import type { RedTask } from "./red-queue-types.ts";
import { useClaims } from "./use-claims.ts";
import { useOutcomes } from "./use-outcomes.ts";
import { type useRedQueue, useTaskFacts } from "./use-red-queue.ts";

/**
 * How one works through the queue: opening a row claims it, an outcome takes it away and opens the next, undo brings it
 * back to its place. `onOpen` puts the open task into the URL.
 */
export function useDesk({
  slug,
  workspaceZone,
  me,
  queue,
  taskId,
  table,
  onOpen,
}: {
  slug: string;
  workspaceZone: string;
  me: { id: string; name: string };
  queue: ReturnType<typeof useRedQueue>;
  /** The task that the URL says is open. */
  taskId: string | null;
  table: RefObject<DataTableHandle | null>;
  onOpen: (taskId: string | null) => void;
}) {
  const claims = useClaims(slug, me);
  const { withClaim, claim, hold, readClaimedVersion } = claims;
  const { hide, settle, restore, refresh } = queue;
  const rows = useMemo(() => queue.rows.map(withClaim), [queue.rows, withClaim]);
  const isHere = useIsHere();
  const rowsNow = useRef(rows);
  useLayoutEffect(() => {
    rowsNow.current = rows;
  });

  const isWorkable = useCallback(
    (row: RedTask) => {
      const holder = findHolder(row, readNowMs());
      return isOpenTask(row) && (holder === null || holder.id === me.id);
    },
    [me.id],
  );
  const next = taskId ? findNextRow(rows, taskId, isWorkable) : (rows.find(isWorkable) ?? null);
  const facts = useTaskFacts(slug, taskId, next?.id ?? null);
  const task = newer(
    rows.find(({ id }) => id === taskId),
    facts.data && withClaim(facts.data.task),
  );

  const work = useCallback(
    (id: string) => {
      onOpen(id);
      const row = rowsNow.current.find((each) => each.id === id);
      if (row && isWorkable(row) && findHolder(row, readNowMs()) === null) void claim(row);
    },
    [onOpen, claim, isWorkable],
  );
  const goOn = useCallback(
    (from: string) => {
      const following = findNextRow(rowsNow.current, from, isWorkable);
      if (following) {
        work(following.id);
        return following;
      }
      onOpen(null);
      requestAnimationFrame(focusWhatIsLeft);
      return null;
    },
    [work, onOpen, isWorkable],
  );
  const release = (released: RedTask) =>
    void claims.release(released.id).then(refresh, (error: unknown) => {
      refresh();
      showErrorToast(`Not released: ${released.lead.name}.`, {
        description: `${readError(error).message} The claim ends by itself after 10 minutes.`,
        action: { label: "Retry", run: () => release(released) },
      });
    });
  const close = () => {
    const isMine = task && findHolder(task, readNowMs())?.id === me.id;
    if (task && (isMine || claims.isClaiming(task.id))) release(task);
    onOpen(null);
    table.current?.focusRow(taskId ?? undefined);
  };

  const hands = useMemo(
    () => ({
      slug,
      zoneOf: (row: RedTask) => row.lead.timezone ?? workspaceZone,
      onGone: (row: RedTask) => {
        const following = goOn(row.id);
        hide(row.id);
        return following;
      },
      onLogged: settle,
      onBack: (row: RedTask) => restore(row.id),
      onUndone: (row: RedTask, restored: { version: number; leaseUntil: string | null }) => {
        restore(row.id);
        // From another screen it brings the task back, not the person.
        if (!isHere.current) return;
        if (restored.leaseUntil) hold(row.id, { ...restored, leaseUntil: restored.leaseUntil });
        onOpen(row.id);
        requestAnimationFrame(() => table.current?.focusRow(row.id));
      },
      onSettled: refresh,
      readClaimedVersion,
    }),
    [
      slug,
      workspaceZone,
      goOn,
      hide,
      settle,
      restore,
      refresh,
      hold,
      readClaimedVersion,
      onOpen,
      table,
      isHere,
    ],
  );
  return { rows, task, facts, claims, work, goOn, release, close, log: useOutcomes(hands).log };
}

/** List and panel read the same task at different moments: the later one counts. */
function newer(a: RedTask | undefined, b: RedTask | undefined): RedTask | undefined {
  if (!a || !b) return a ?? b;
  return b.version >= a.version ? b : a;
}

/** The panel closed on the last task: focus belongs to what the list says instead. */
function focusWhatIsLeft(): void {
  if (document.activeElement !== document.body) return;
  const target =
    document.querySelector<HTMLElement>("[data-empty-heading]") ?? document.querySelector("main");
  target?.focus({ preventScroll: true });
}
