import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback } from "react";
import { DataTable } from "#client/components/data-table/data-table.tsx";
import { ActionButton } from "#client/components/ui/button.tsx";
import { EmptyState } from "#client/components/ui/empty-state.tsx";
import { Pager } from "#client/components/ui/pager.tsx";
import { BACKFILL_COLUMNS, writeRowLabel } from "#client/features/backfills/backfill-columns.tsx";
import { isEnded, type RunRow } from "#client/features/backfills/run.ts";
import { StartSheet } from "#client/features/backfills/start-sheet.tsx";
import { LoadFailure } from "#client/features/shell/load-failure.tsx";
import { Screen } from "#client/features/shell/screen.tsx";
import { useActions } from "#client/lib/actions.ts";
import { useLive } from "#client/lib/live/live.ts";
import { useRefresh } from "#client/lib/live/use-refresh.ts";
import { useMay, useWorkspace } from "#client/lib/session.ts";
import { showToast } from "#client/lib/toasts.ts";
import { trpc } from "#client/lib/trpc.ts";

const route = getRouteApi("/w/$workspace/backfills");
const readId = (run: RunRow) => run.id;
/** Live events tell of changes; rates and times left also move while nothing is written. */
const REFRESH_MS = 5_000;

export function BackfillsScreen() {
  const { slug } = useWorkspace();
  const mayRun = useMay("backfills.run");
  const { before, start, from, to } = route.useSearch();
  const navigate = route.useNavigate();
  const list = useQuery({
    ...trpc.backfills.list.queryOptions({ workspace: slug, before: before ?? null }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.rows.some((run) => !isEnded(run)) ? REFRESH_MS : false),
  });
  const sources = useQuery(trpc.backfills.sources.queryOptions({ workspace: slug }, { enabled: mayRun }));
  useLive("run", useRefresh(trpc.backfills.list.pathFilter()));

  const open = useCallback(
    (id: string) =>
      navigate({ to: "/w/$workspace/backfills/$backfillId", params: { workspace: slug, backfillId: id } }),
    [navigate, slug],
  );
  const closeSheet = () => navigate({ to: ".", search: before ? { before } : {}, replace: true });
  const [startAction] = useActions([
    {
      id: "backfill.start",
      label: "Start backfill…",
      keys: ["n"],
      scope: "list",
      group: "Backfills",
      enabled: mayRun,
      reason: "Only an owner or an admin may start runs.",
      synonyms: ["import history", "re-sync", "new run"],
      run: () => navigate({ to: ".", search: (current) => ({ ...current, start: true }) }),
    },
  ]);
  const rows = list.data?.rows ?? [];
  const next = list.data?.next ?? null;
  return (
    <Screen
      title="Backfills"
      actions={mayRun && <ActionButton action={startAction} variant="primary" size="sm" />}
      footer={
        <Pager
          from={1}
          count={rows.length}
          total={list.data?.total ?? null}
          onPrev={before ? () => navigate({ to: ".", search: {} }) : null}
          onNext={next === null ? null : () => navigate({ to: ".", search: { before: next } })}
          group="Backfills"
        />
      }
    >
      <DataTable
        label="Backfills"
        group="Backfills"
        columns={BACKFILL_COLUMNS}
        rows={rows}
        rowId={readId}
        rowLabel={writeRowLabel}
        total={list.data?.total.value ?? null}
        onOpen={open}
        openLabel="Open run"
        isLoading={list.isPending}
        onRetry={() => list.refetch()}
        error={
          list.isError && rows.length === 0 ? (
            <LoadFailure what="backfills" error={list.error} onRetry={() => list.refetch()} />
          ) : undefined
        }
        empty={
          <EmptyState title="No backfills yet." action={mayRun && <ActionButton action={startAction} />}>
            A backfill reads the providers’ calendars over a range of days and brings leads, tasks and
            mismatches up to date. Webhooks and sweeps keep the last and next 90 days current without one.
          </EmptyState>
        }
      />
      {start && mayRun && sources.data && (
        <StartSheet
          workspace={slug}
          sources={sources.data}
          given={{ from, to }}
          onClose={closeSheet}
          onStarted={(run) => {
            showToast(
              run.existed
                ? `Backfill ${run.number} reads these days already.`
                : `Backfill ${run.number} started.`,
            );
            open(run.id);
          }}
        />
      )}
    </Screen>
  );
}
