import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useMemo, useRef, useState } from "react";
import { DataTable, type DataTableHandle } from "#client/components/data-table/data-table.tsx";
import { FilterBox } from "#client/components/layout/filter-box.tsx";
import { Pager } from "#client/components/ui/pager.tsx";
import type { Tab } from "#client/components/ui/tabs.tsx";
import { DecisionPanel } from "#client/features/mismatches/decision-panel.tsx";
import { DropSelectionDialog } from "#client/features/mismatches/drop-selection-dialog.tsx";
import { FacetRow } from "#client/features/mismatches/facet-row.tsx";
import {
  type FilterWords,
  hasFilter,
  parseFilterText,
  writeFilterText,
} from "#client/features/mismatches/filter-text.ts";
import { mismatchColumns, mismatchLabel } from "#client/features/mismatches/mismatch-columns.tsx";
import { MismatchEmpty } from "#client/features/mismatches/mismatch-empty.tsx";
import { MismatchStrips } from "#client/features/mismatches/mismatch-strips.tsx";
import { PreviewPanel } from "#client/features/mismatches/preview-panel.tsx";
import { type Selection, SelectionStrip } from "#client/features/mismatches/selection-strip.tsx";
import type { ListTab } from "#client/features/mismatches/tabs.ts";
import { ListAge } from "#client/features/shell/list-age.tsx";
import { LoadFailure } from "#client/features/shell/load-failure.tsx";
import { Screen } from "#client/features/shell/screen.tsx";
import { useActions } from "#client/lib/actions.ts";
import { useLivePause } from "#client/lib/live/live.ts";
import { useMay, useWorkspace } from "#client/lib/session.ts";
import type { MismatchSearch } from "./mismatches.route.ts";
import { useBulkAccept } from "./use-bulk-accept.ts";
import { useLeavingRows } from "./use-leaving-rows.ts";
import { useMismatchRows } from "./use-mismatch-rows.ts";
import { useSingleDecision } from "./use-single-decision.ts";

const GROUP = "Mismatches";
const rowId = (row: { id: string }) => row.id;
const nameOf = (row: { name: string }) => row.name;
const NOTHING: Selection = { kind: "ids", ids: new Set() };

/** The working half: one tab of rows, the comparison beside it, decisions one by one and in bulk. */
export function OpenMismatches({
  tab,
  tabTotal,
  tabs,
  actions,
  openReceipt,
}: {
  tab: ListTab;
  tabTotal: number | null;
  tabs: readonly Tab[];
  actions: ReactNode;
  openReceipt: (receiptId: string) => void;
}) {
  const { slug } = useWorkspace();
  const mayDecide = useMay("mismatches.decide");
  const mayBulk = useMay("mismatches.bulk");
  const maySeeConnections = useMay("connections.health");
  const navigate = useNavigate();
  const table = useRef<DataTableHandle>(null);
  const [selection, setSelection] = useState<Selection>(NOTHING);
  const [pendingWords, setPendingWords] = useState<FilterWords | null>(null);

  const { words, filter, sort, list, facets, stable, rows, activeId, detail, change, open, ...mismatches } =
    useMismatchRows(tab);
  const selectedCount = selection.kind === "all" ? (list.data?.total.value ?? 0) : selection.ids.size;
  const applyWords = (next: FilterWords) => {
    setPendingWords(null);
    setSelection(NOTHING);
    mismatches.changeWords(next);
  };
  const changeWords = (next: FilterWords) =>
    selectedCount > 0 && writeFilterText(next) !== writeFilterText(words)
      ? setPendingWords(next)
      : applyWords(next);

  const bulk = useBulkAccept({
    workspace: slug,
    filter,
    openReceipt,
    onCommitted: () => setSelection(NOTHING),
    onDone: stable.reset,
  });
  const single = useSingleDecision({
    workspace: slug,
    openReceipt,
    ...useLeavingRows({ rows, stable, table, nameOf, open, openOther: mismatches.openOther }),
  });
  const linkMeeting = (leadId: string) =>
    void navigate({ to: "/w/$workspace/unmatched", params: { workspace: slug }, search: { lead: leadId } });
  useLivePause(
    bulk.isOpen
      ? "preview open"
      : selectedCount > 0
        ? `${selectedCount.toLocaleString("en-US")} selected`
        : null,
  );

  const [selectAll, preview] = useActions([
    {
      id: "select.all",
      label: "Select all that match",
      keys: ["mod+shift+a"],
      scope: "list",
      group: GROUP,
      enabled: mayBulk && rows.length > 0,
      reason: mayBulk ? "There are no rows." : "Only an ops lead or an owner decides in bulk.",
      run: () => setSelection({ kind: "all" }),
    },
    {
      id: "bulk.preview",
      label:
        selectedCount > 0
          ? `Preview accepting ${selectedCount.toLocaleString("en-US")}`
          : "Preview accepting the selection",
      // While nothing is selected, 1 speaks for the open row alone.
      keys: selectedCount > 0 ? ["1"] : [],
      scope: "list",
      group: GROUP,
      enabled: mayBulk && selectedCount > 0 && !bulk.isOpen,
      reason: bulk.isOpen ? "The preview is open." : "Nothing is selected.",
      run: () => bulk.open(selection),
    },
  ]);

  const connected = (list.data?.connections ?? []).map((connection) => connection.provider).join();
  const columns = useMemo(
    () => mismatchColumns((connected ? connected.split(",") : []) as Parameters<typeof mismatchColumns>[0]),
    [connected],
  );
  const pageIds = useMemo(() => new Set(rows.map(rowId)), [rows]);
  const shownIds = selection.kind === "all" ? pageIds : selection.ids;
  const onPage = rows.filter((row) => shownIds.has(row.id)).length;
  const { prev = null, next = null } = list.data ?? {};

  return (
    <Screen
      title="Mismatches"
      tabs={tabs}
      actions={actions}
      bar={
        <>
          <FilterBox
            label="Filter mismatches"
            placeholder="cause: age: owner: lead:…"
            value={writeFilterText(words)}
            onChange={(text) => changeWords(parseFilterText(text))}
          />
          <FacetRow causes={facets.data?.causes ?? []} words={words} onChange={changeWords} />
          <ListAge asOf={list.data?.asOf} newCount={stable.newCount} group={GROUP} onReset={stable.reset} />
        </>
      }
      strip={
        <>
          <MismatchStrips
            connections={list.data?.connections ?? []}
            isMoved={list.data?.isMoved ?? false}
            workspace={slug}
            maySeeConnections={maySeeConnections}
          />
          <SelectionStrip
            selection={selection}
            onPage={onPage}
            pageSize={rows.length}
            total={list.data?.total ?? null}
            selectAll={selectAll}
            preview={preview}
            onClear={() => setSelection(NOTHING)}
          />
        </>
      }
      footer={
        <Pager
          from={list.data?.from ?? 1}
          count={rows.length}
          total={list.data?.total ?? null}
          group={GROUP}
          onPrev={prev ? () => change({ cursor: prev, lead: undefined }) : null}
          onNext={next ? () => change({ cursor: next, lead: undefined }) : null}
        />
      }
      panel={
        bulk.isOpen ? (
          <PreviewPanel
            preview={bulk.preview}
            tab={tab}
            newer={bulk.newer}
            error={bulk.error && <LoadFailure what="the preview" error={bulk.error} onRetry={bulk.retry} />}
            isCommitting={bulk.isCommitting}
            cannotCommit={bulk.cannotCommit}
            onCommit={bulk.commit}
            onRecheck={bulk.recheck}
            onClose={bulk.close}
          />
        ) : (
          (activeId !== null || mismatches.isOpening) && (
            <DecisionPanel
              mismatch={detail.data ?? null}
              name={rows.find(({ id }) => id === activeId)?.name}
              error={
                detail.error &&
                !detail.data && (
                  <LoadFailure what="this lead" error={detail.error} onRetry={() => void detail.refetch()} />
                )
              }
              workspace={slug}
              mayDecide={mayDecide}
              isRechecking={single.isRechecking}
              isBulk={selectedCount > 0}
              onDecide={(decision) => detail.data && single.decide(detail.data, decision)}
              onLink={() => activeId !== null && linkMeeting(activeId)}
              onRecheck={() => detail.data && single.recheck(detail.data)}
              onClose={mismatches.close}
            />
          )
        )
      }
    >
      <DataTable
        handle={table}
        label="Mismatches"
        group={GROUP}
        columns={columns}
        rows={rows}
        rowId={rowId}
        rowLabel={mismatchLabel}
        total={list.data?.total.value ?? null}
        from={list.data?.from ?? 1}
        activeId={activeId}
        onOpen={open}
        onMove={activeId === null ? undefined : open}
        openLabel="Compare claim and evidence"
        {...(mayBulk
          ? {
              selection: {
                ids: shownIds,
                onChange: (ids: Set<string>) => setSelection({ kind: "ids", ids }),
              },
            }
          : {})}
        sort={{
          columnId: sort.by,
          direction: sort.direction,
          onChange: (by, direction) =>
            change({ sort: `${by}.${direction}` as MismatchSearch["sort"], cursor: undefined }),
        }}
        isDim={stable.isSettled}
        isLoading={list.isPending || !stable.isReady}
        onRetry={() => void list.refetch()}
        error={
          list.error &&
          !list.data && (
            <LoadFailure what="mismatches" error={list.error} onRetry={() => void list.refetch()} />
          )
        }
        empty={
          <MismatchEmpty
            tab={tab}
            isFiltered={hasFilter(words)}
            total={tabTotal}
            lastCheckAt={list.data?.lastCheckAt ?? null}
            onClear={() => applyWords({})}
          />
        }
      />
      <DropSelectionDialog
        isOpen={pendingWords !== null}
        selectedCount={selectedCount}
        onDrop={() => pendingWords && applyWords(pendingWords)}
        onKeep={() => setPendingWords(null)}
      />
    </Screen>
  );
}
