import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { type ReactNode, useCallback, useState } from "react";
import { DataTable } from "#client/components/data-table/data-table.tsx";
import { EmptyState } from "#client/components/ui/empty-state.tsx";
import { Pager } from "#client/components/ui/pager.tsx";
import type { Tab } from "#client/components/ui/tabs.tsx";
import { RECEIPT_COLUMNS, receiptLabel } from "#client/features/mismatches/receipt-columns.tsx";
import { ReceiptPanel } from "#client/features/mismatches/receipt-panel.tsx";
import { undoReceipt } from "#client/features/mismatches/watch-plan.ts";
import { LoadFailure } from "#client/features/shell/load-failure.tsx";
import { Screen } from "#client/features/shell/screen.tsx";
import { useLive } from "#client/lib/live/live.ts";
import { useRefresh } from "#client/lib/live/use-refresh.ts";
import { useMay, useSession, useWorkspace } from "#client/lib/session.ts";
import { trpc } from "#client/lib/trpc.ts";

const route = getRouteApi("/w/$workspace/mismatches");
const rowId = (row: { id: string }) => row.id;

/** The Decided tab: receipts, newest first, each with its leads and its way back. */
export function DecidedMismatches({
  tabs,
  actions,
  openReceipt,
}: {
  tabs: readonly Tab[];
  actions: ReactNode;
  openReceipt: (receiptId: string) => void;
}) {
  const { slug } = useWorkspace();
  const { user } = useSession();
  const mayBulk = useMay("mismatches.bulk");
  const mayDecide = useMay("mismatches.decide");
  const { receipt: receiptId, cursor } = route.useSearch();
  const navigate = route.useNavigate();
  const [isUndoing, setIsUndoing] = useState(false);
  const list = useQuery(trpc.mismatches.receipts.queryOptions({ workspace: slug, cursor }));
  const receipt = useQuery({
    ...trpc.mismatches.receipt.queryOptions({ workspace: slug, receiptId: receiptId ?? "" }),
    enabled: receiptId !== undefined,
  });
  useLive(
    ["mismatch", "run"],
    useRefresh(trpc.mismatches.receipts.pathFilter(), trpc.mismatches.receipt.pathFilter()),
  );
  const open = useCallback(
    (id: string) => void navigate({ search: (before) => ({ ...before, receipt: id }), replace: true }),
    [navigate],
  );
  const undo = async (id: string) => {
    setIsUndoing(true);
    await undoReceipt({ workspace: slug, receiptId: id }, openReceipt);
    setIsUndoing(false);
  };
  const rows = list.data?.rows ?? [];
  const next = list.data?.next ?? null;
  return (
    <Screen
      title="Mismatches"
      tabs={tabs}
      actions={actions}
      footer={
        <Pager
          from={list.data?.from ?? 1}
          count={rows.length}
          total={null}
          group="Mismatches"
          onPrev={cursor ? () => void navigate({ search: (s) => ({ ...s, cursor: undefined }) }) : null}
          onNext={next ? () => void navigate({ search: (s) => ({ ...s, cursor: next }) }) : null}
        />
      }
      panel={
        receiptId !== undefined && (
          <ReceiptPanel
            receipt={receipt.data ?? null}
            error={
              receipt.error &&
              !receipt.data && (
                <LoadFailure
                  what="this receipt"
                  error={receipt.error}
                  onRetry={() => void receipt.refetch()}
                />
              )
            }
            workspace={slug}
            mayUndo={mayDecide && (mayBulk || receipt.data?.actor.id === user.id)}
            isUndoing={isUndoing}
            onUndo={() => void undo(receiptId)}
            onClose={() => void navigate({ search: (s) => ({ ...s, receipt: undefined }), replace: true })}
          />
        )
      }
    >
      <DataTable
        label="Decisions"
        group="Mismatches"
        columns={RECEIPT_COLUMNS}
        rows={rows}
        rowId={rowId}
        rowLabel={receiptLabel}
        activeId={receiptId ?? null}
        onOpen={open}
        onMove={receiptId === undefined ? undefined : open}
        openLabel="Open receipt"
        isLoading={list.isPending}
        onRetry={() => void list.refetch()}
        error={
          list.error &&
          !list.data && (
            <LoadFailure what="decisions" error={list.error} onRetry={() => void list.refetch()} />
          )
        }
        empty={
          <EmptyState title="Nothing decided yet.">
            Every decision leaves a receipt here, with its undo for 24 hours.
          </EmptyState>
        }
      />
    </Screen>
  );
}
