import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { type ReactNode, useCallback } from "react";
import { Panel } from "#client/components/layout/panel.tsx";
import { Pager } from "#client/components/ui/pager.tsx";
import { Select } from "#client/components/ui/select.tsx";
import { SkeletonText } from "#client/components/ui/skeleton-rows.tsx";
import type { Tab } from "#client/components/ui/tabs.tsx";
import type { ConnectionRow } from "#client/features/connections/connection-types.ts";
import { DeliveriesTable } from "#client/features/connections/deliveries-table.tsx";
import { DeliveryPanel } from "#client/features/connections/delivery-panel.tsx";
import type { ConnectionCalls } from "#client/features/connections/use-connection-calls.ts";
import { LoadFailure } from "#client/features/shell/load-failure.tsx";
import { Screen } from "#client/features/shell/screen.tsx";
import { DELIVERY_FILTERS } from "#client/lib/connection-words.ts";
import { useWorkspace } from "#client/lib/session.ts";
import { trpc } from "#client/lib/trpc.ts";

const route = getRouteApi("/w/$workspace/connections/$provider");

/** The list of what arrived, with one delivery beside it. */
export function DeliveriesScreen({
  row,
  title,
  subtitle,
  tabs,
  calls,
}: {
  row: ConnectionRow;
  title: string;
  subtitle: ReactNode;
  tabs: Tab[];
  calls: ConnectionCalls;
}) {
  const { slug } = useWorkspace();
  const { result, cursor, delivery: openId } = route.useSearch();
  const navigate = route.useNavigate();
  const list = useQuery(
    trpc.connections.deliveries.queryOptions(
      { workspace: slug, connectionId: row.id, result: result ?? null, cursor: cursor ?? null },
      { placeholderData: keepPreviousData },
    ),
  );
  const detail = useQuery(
    trpc.connections.delivery.queryOptions(
      { workspace: slug, deliveryId: openId ?? "" },
      { enabled: openId !== undefined, placeholderData: keepPreviousData },
    ),
  );
  const open = useCallback(
    (id: string | undefined) =>
      navigate({ search: (before) => ({ ...before, delivery: id }), replace: true }),
    [navigate],
  );
  const handleOpen = useCallback((id: string) => void open(id), [open]);
  const { data } = list;
  return (
    <Screen
      title={title}
      subtitle={subtitle}
      tabs={tabs}
      bar={
        <Select
          label="Result"
          value={result ?? "all"}
          options={DELIVERY_FILTERS}
          onChange={(value) =>
            navigate({ search: { tab: "deliveries", result: value === "all" ? undefined : value } })
          }
        />
      }
      footer={
        <Pager
          from={data?.from ?? 1}
          count={data?.rows.length ?? 0}
          total={data ? { value: data.total, exact: true } : null}
          onPrev={
            data?.prev
              ? () => navigate({ search: (before) => ({ ...before, cursor: data.prev ?? undefined }) })
              : null
          }
          onNext={
            data?.next
              ? () => navigate({ search: (before) => ({ ...before, cursor: data.next ?? undefined }) })
              : null
          }
          group="Connections"
        />
      }
      panel={
        openId &&
        (detail.data ? (
          <DeliveryPanel delivery={detail.data} calls={calls} onClose={() => void open(undefined)} />
        ) : (
          <Panel title="Delivery" group="Connections" onClose={() => void open(undefined)}>
            {detail.error ? (
              <LoadFailure what="this delivery" error={detail.error} onRetry={() => void detail.refetch()} />
            ) : (
              <div className="pt-5">
                <SkeletonText lines={6} />
              </div>
            )}
          </Panel>
        ))
      }
    >
      <DeliveriesTable
        rows={data?.rows ?? []}
        total={data?.total ?? null}
        activeId={openId ?? null}
        onOpen={handleOpen}
        isLoading={list.isPending}
        isFiltered={result !== undefined}
        error={
          list.isError &&
          !list.data && (
            <LoadFailure what="deliveries" error={list.error} onRetry={() => void list.refetch()} />
          )
        }
      />
    </Screen>
  );
}
