import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useRef } from "react";
import { DataTable, type DataTableHandle } from "#client/components/data-table/data-table.tsx";
import { FilterBox } from "#client/components/layout/filter-box.tsx";
import { Kbd } from "#client/components/ui/kbd.tsx";
import { Pager } from "#client/components/ui/pager.tsx";
import type { Tab } from "#client/components/ui/tabs.tsx";
import { EvidenceTimeline } from "#client/features/leads/evidence-timeline.tsx";
import { decideTaskState, findHolder, isOpenTask } from "#client/features/red-queue/decide-task-state.ts";
import { DayStrip, NextReason } from "#client/features/red-queue/queue-bar.tsx";
import { QUEUE_COLUMNS } from "#client/features/red-queue/queue-columns.tsx";
import { QueueEmpty } from "#client/features/red-queue/queue-empty.tsx";
import type { QueueView, RedQueuePage, RedTask } from "#client/features/red-queue/red-queue-types.ts";
import { useDesk } from "#client/features/red-queue/use-desk.ts";
import { useRedQueue } from "#client/features/red-queue/use-red-queue.ts";
import { describeLoss, GROUP, VIEWS } from "#client/features/red-queue/words.ts";
import { WorkPanel } from "#client/features/red-queue/work-panel.tsx";
import { LoadFailure } from "#client/features/shell/load-failure.tsx";
import { NewRowsPill } from "#client/features/shell/new-rows-pill.tsx";
import { Screen } from "#client/features/shell/screen.tsx";
import { useActions } from "#client/lib/actions.ts";
import { announce } from "#client/lib/announce.ts";
import { readNowMs } from "#client/lib/clock.ts";
import { useMay, useSession, useWorkspace } from "#client/lib/session.ts";
import { showErrorToast } from "#client/lib/toasts.ts";
import { readError } from "#client/lib/trpc.ts";
import { useMedia } from "#client/lib/use-media.ts";
import type { RedQueueSearch } from "./red-queue.route.ts";

const route = getRouteApi("/w/$workspace/red-queue");

// The keys of a constant object are its type's keys.
const VIEW_IDS = Object.keys(VIEWS) as QueueView[];
const DEFAULT_VIEW: QueueView = "unclaimed";

export function RedQueueScreen() {
  const workspace = useWorkspace();
  const { user } = useSession();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const seesConnections = useMay("connections.health");
  const { slug } = workspace;
  const zone = workspace.zone ?? "UTC";
  const view = search.view ?? DEFAULT_VIEW;
  const sort = search.sort ?? (view === "done_today" ? "closed" : view === "snoozed" ? "due" : "next");
  const dir = search.dir ?? (sort === "closed" ? "desc" : "asc");
  const q = search.q ?? "";

  const go = useCallback(
    (change: Partial<RedQueueSearch>, replace = false) => {
      void navigate({ search: (before) => ({ ...before, ...change }), replace });
    },
    [navigate],
  );
  const isEngaged = useEngagement(search.task !== undefined);
  const queue = useRedQueue(slug, { view, q, sort, dir, cursor: search.cursor ?? null }, isEngaged);
  const page = queue.list.data;
  const taskId = search.task ?? null;
  const table = useRef<DataTableHandle>(null);
  const openTask = useCallback((id: string | null) => go({ task: id ?? undefined }, true), [go]);
  const desk = useDesk({ slug, workspaceZone: zone, me: user, queue, taskId, table, onOpen: openTask });
  const { rows, task, facts, claims } = desk;

  useActions(
    VIEW_IDS.map((id, index) => ({
      id: `view.${id}`,
      label: `Tab: ${VIEWS[id]}`,
      keys: [`shift+${index + 1}`],
      scope: "list" as const,
      group: GROUP,
      run: () => go({ view: id, cursor: undefined, sort: undefined, dir: undefined }),
    })),
  );
  useActions([
    {
      id: "queue.claim-next",
      label: "Claim the next task",
      keys: ["c"],
      scope: "list",
      group: GROUP,
      synonyms: ["start", "work"],
      enabled: taskId === null && (page?.counts.unclaimed ?? 0) > 0,
      reason: taskId === null ? "Nothing is unclaimed." : "A task is open.",
      run: () =>
        void claims.claimNext().then(
          (id) => (id ? openTask(id) : announce("Nothing is unclaimed.")),
          (error: unknown) => showErrorToast("No task claimed.", { description: readError(error).message }),
        ),
    },
  ]);
  const isFullScreen = !useMedia("(width >= 56.25rem)");
  const nextRow = page?.nextReason && rows[0]?.id === page.nextReason.taskId ? rows[0] : null;
  const onQuery = useCallback((text: string) => go({ q: text || undefined, cursor: undefined }, true), [go]);

  return (
    <Screen
      title="Red queue"
      tabs={VIEW_IDS.map((id) => ({
        id,
        label: VIEWS[id],
        count: page?.counts[id],
        isCurrent: id === view,
        link: linkTo({ view: id, ...(q ? { q } : {}) }),
      }))}
      bar={
        <>
          <FilterBox label="Filter tasks" value={q} onChange={onQuery} />
          <NewRowsPill count={queue.newCount} onShow={queue.showNew} group={GROUP} />
          {page?.nextReason && nextRow && (
            <NextReason task={nextRow} because={page.nextReason.because} workspaceZone={zone} />
          )}
          {page && <DayStrip strip={page.strip} />}
        </>
      }
      footer={
        <Pager
          from={page?.from ?? 1}
          count={rows.length}
          total={page ? countShown(page, rows.length) : null}
          onPrev={page?.prev ? () => go({ cursor: page.prev ?? undefined, task: undefined }) : null}
          onNext={page?.next ? () => go({ cursor: page.next ?? undefined, task: undefined }) : null}
          group={GROUP}
        >
          <Kbd keys="j" /> <Kbd keys="k" /> move · <Kbd keys="enter" /> work · <Kbd keys="1" />–
          <Kbd keys="7" /> outcome · <Kbd keys="?" /> keys
        </Pager>
      }
      panel={
        task && (
          <WorkPanel
            task={task}
            facts={facts.data}
            error={facts.error}
            onRetry={() => void facts.refetch()}
            timeline={
              <EvidenceTimeline
                label="What happened"
                entries={facts.data?.timeline ?? []}
                zone={task.lead.timezone}
                workspaceZone={zone}
              />
            }
            note={claims.note}
            me={user}
            workspace={{ slug, zone }}
            isFullScreen={isFullScreen}
            onClaim={() => void claims.claim(task)}
            onRelease={() => desk.release(task)}
            onNext={() => desk.goOn(task.id)}
            onClose={desk.close}
            onActivity={() => claims.touch(task.id)}
            onOutcome={(outcome, details) => desk.log(task, outcome, details)}
          />
        )
      }
    >
      <DataTable
        label="Red tasks"
        group={GROUP}
        columns={QUEUE_COLUMNS[view]}
        rows={rows}
        rowId={readId}
        rowLabel={(row) => describeRow(row, user.id)}
        total={page?.total.exact ? page.total.value : null}
        from={page?.from ?? 1}
        activeId={taskId}
        onOpen={desk.work}
        onPeek={openTask}
        {...(taskId ? { onMove: openTask } : {})}
        openLabel="Work on task"
        sort={{
          // The queue's own order is no column's.
          columnId: sort === "next" ? "" : sort,
          direction: dir,
          onChange: (columnId, direction) =>
            // The queue's own order has one direction.
            go({
              sort: columnId as RedQueueSearch["sort"],
              dir: columnId === "next" ? undefined : direction,
              cursor: undefined,
            }),
        }}
        isDim={(row) => row.status === "snoozed" || (queue.goneIds.has(row.id) && !isHeldBy(row, user.id))}
        isLoading={queue.list.isPending}
        onRetry={() => void queue.list.refetch()}
        error={
          queue.list.error && !page ? (
            <LoadFailure what="tasks" error={queue.list.error} onRetry={() => void queue.list.refetch()} />
          ) : undefined
        }
        empty={
          page && (
            <QueueEmpty
              page={page}
              view={view}
              isFiltered={q.trim() !== ""}
              onClearFilter={() => onQuery("")}
              slug={slug}
              seesConnections={seesConnections}
            />
          )
        }
        handle={table}
      />
    </Screen>
  );
}

/** A link within this screen; `Tab` has the type of any link at all, which knows no screen's search parameters. */
function linkTo(search: RedQueueSearch): Tab["link"] {
  return { to: ".", search } as Tab["link"];
}

function readId({ id }: RedTask): string {
  return id;
}

/** What a reader hears: lead, state, what happened. */
function describeRow(row: RedTask, myId: string): string {
  return `${row.lead.name}, ${decideTaskState(row, readNowMs(), myId).word}, ${describeLoss(row)}`;
}

function isHeldBy(row: RedTask, userId: string): boolean {
  return isOpenTask(row) && findHolder(row, readNowMs())?.id === userId;
}

/** Rows that left the tab stay on screen for a while, and the page never says that it shows more than there are. */
function countShown({ total, from }: RedQueuePage, shown: number): RedQueuePage["total"] {
  return { ...total, value: Math.max(total.value, from - 1 + shown) };
}

/** Somebody works here: a task is open, focus is in the list, or the pointer rests on it. Then nothing moves by itself. */
function useEngagement(hasOpenTask: boolean): () => boolean {
  return useCallback(
    () =>
      hasOpenTask ||
      document.activeElement?.closest('[data-action-scope="list"] table') != null ||
      document.querySelector('[data-action-scope="list"] tbody:hover') !== null,
    [hasOpenTask],
  );
}
