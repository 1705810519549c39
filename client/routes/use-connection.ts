import { useQuery } from "@tanstack/react-query";
import { type ConnectionRow, isActive } from "#client/features/connections/connection-types.ts";
import { type Provider, trpc } from "#client/lib/trpc.ts";

/** Sweeps that change nothing are no live event, but their times are on screen; the first one is waited for. */
const LOOK_AGAIN_MS = 60_000;
const FIRST_SWEEP_MS = 3_000;

/** A provider's account with what its pages show; `row` is null while none is linked. */
export function useConnection(workspace: string, provider: Provider, mayManage: boolean) {
  const list = useQuery(
    trpc.connections.list.queryOptions(
      { workspace },
      { refetchInterval: ({ state }) => decideLookAgainMs(findRow(state.data?.rows, provider)) },
    ),
  );
  const found = findRow(list.data?.rows, provider);
  const row = isActive(found) ? found : null;
  const input = { workspace, connectionId: row?.id ?? "" };
  const refetchInterval = decideLookAgainMs(row);
  const health = useQuery(
    trpc.connections.health.queryOptions(input, { enabled: row !== null, refetchInterval }),
  );
  const manage = useQuery(
    trpc.connections.manage.queryOptions(input, { enabled: row !== null && mayManage, refetchInterval }),
  );
  return { list, found, row, health, manage };
}

function findRow(rows: readonly ConnectionRow[] | undefined, provider: Provider): ConnectionRow | null {
  return rows?.find((row) => row.provider === provider) ?? null;
}

function decideLookAgainMs(row: ConnectionRow | null): number {
  return isActive(row) && row.sweptAt.warm === null ? FIRST_SWEEP_MS : LOOK_AGAIN_MS;
}
