import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { ConnectionsTable, type ProviderRow } from "#client/features/connections/connections-table.tsx";
import { useConnectionCalls } from "#client/features/connections/use-connection-calls.ts";
import { LoadFailure } from "#client/features/shell/load-failure.tsx";
import { Screen } from "#client/features/shell/screen.tsx";
import { ALL_WORKSPACES } from "#client/lib/permissions.ts";
import { useMay, useWorkspace } from "#client/lib/session.ts";
import { showToast } from "#client/lib/toasts.ts";
import { trpc } from "#client/lib/trpc.ts";
import { CONNECTION_STATES, PROVIDERS } from "#client/lib/vocabulary.ts";

const OFFERED = ["calendly", "highlevel"] as const;

/** The accounts of this workspace, linked or not; for an admin across all, those that are linked. */
export function ConnectionsScreen() {
  const workspace = useWorkspace();
  const { slug, name } = workspace;
  const isAll = slug === ALL_WORKSPACES;
  const mayManage = useMay("connections.manage");
  const navigate = useNavigate();
  const one = useQuery(trpc.connections.list.queryOptions({ workspace: slug }, { enabled: !isAll }));
  const all = useQuery(trpc.connections.listAll.queryOptions(undefined, { enabled: isAll }));
  const query = isAll ? all : one;
  const rows = useMemo<ProviderRow[]>(() => {
    if (isAll) {
      return (all.data?.rows ?? []).map((row) => ({
        id: row.id,
        provider: row.provider,
        connection: row,
        workspace: row.workspace,
      }));
    }
    if (!one.data) return [];
    return OFFERED.map((provider) => ({
      id: provider,
      provider,
      connection: one.data.rows.find((row) => row.provider === provider) ?? null,
      workspace: { slug, name },
    }));
  }, [isAll, all.data, one.data, slug, name]);

  const open = useCallback(
    (id: string) => {
      const row = rows.find((each) => each.id === id);
      if (!row) return;
      void navigate({
        to: "/w/$workspace/connections/$provider",
        params: { workspace: row.workspace.slug, provider: row.provider },
      });
    },
    [rows, navigate],
  );
  const { testingId, test } = useTest(slug);
  return (
    <Screen title="Connections">
      <ConnectionsTable
        rows={rows}
        isAll={isAll}
        isLoading={query.isPending}
        error={
          query.isError &&
          !query.data && (
            <LoadFailure what="connections" error={query.error} onRetry={() => void query.refetch()} />
          )
        }
        onOpen={open}
        // Across all workspaces a test belongs to the account's own page, where its answer can be read.
        onTest={mayManage && !isAll ? test : null}
        testingId={testingId}
        mayManage={mayManage}
      />
    </Screen>
  );
}

function useTest(slug: string) {
  const calls = useConnectionCalls(slug);
  const [testingId, setTestingId] = useState<string | null>(null);
  const test = useCallback(
    async ({ id, provider, connection }: ProviderRow) => {
      if (!connection) return;
      setTestingId(id);
      const verdict = await calls.check(connection.id);
      setTestingId(null);
      if (!verdict) return;
      showToast(
        `${PROVIDERS[provider].label} was tested: ${CONNECTION_STATES[verdict.state].label.toLowerCase()}.`,
      );
    },
    [calls],
  );
  return { testingId, test };
}
