import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import type { DataColumn } from "#client/components/data-table/columns.ts";
import { DataTable } from "#client/components/data-table/data-table.tsx";
import { Button } from "#client/components/ui/button.tsx";
import { EmptyState } from "#client/components/ui/empty-state.tsx";
import { StateMark } from "#client/components/ui/state-mark.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { writeReason } from "#client/lib/connection-words.ts";
import type { Provider } from "#client/lib/trpc.ts";
import { CONNECTION_STATES, PROVIDERS } from "#client/lib/vocabulary.ts";
import { count } from "./account-summary.ts";
import { ConnectionSentence } from "./connection-sentence.tsx";
import type { ConnectionRow } from "./connection-types.ts";

/** A provider of a workspace, linked or not. */
export type ProviderRow = {
  id: string;
  provider: Provider;
  connection: ConnectionRow | null;
  workspace: { slug: string; name: string };
};

type Handlers = {
  /** Null where this operator may only look. */
  onTest: ((row: ProviderRow) => void) | null;
  testingId: string | null;
  mayManage: boolean;
};

export function ConnectionsTable({
  rows,
  isAll,
  isLoading,
  error,
  onOpen,
  ...handlers
}: Handlers & {
  rows: readonly ProviderRow[];
  /** Across all workspaces: each row names its own. */
  isAll: boolean;
  isLoading: boolean;
  error: ReactNode;
  onOpen: (id: string) => void;
}) {
  const { onTest, testingId, mayManage } = handlers;
  const columns = useMemo(
    () => buildColumns({ onTest, testingId, mayManage }, isAll),
    [onTest, testingId, mayManage, isAll],
  );
  return (
    <DataTable
      label="Connections"
      group="Connections"
      columns={columns}
      rows={rows}
      rowId={readId}
      rowLabel={labelRow}
      total={rows.length}
      onOpen={onOpen}
      openLabel="Open connection"
      isLoading={isLoading}
      error={error}
      isDim={(row) => row.connection === null || row.connection.state === "off"}
      empty={
        <EmptyState title="No accounts are connected">No workspace has linked a provider yet.</EmptyState>
      }
    />
  );
}

const readId = (row: ProviderRow) => row.id;

function labelRow({ provider, connection, workspace }: ProviderRow): string {
  const name = PROVIDERS[provider].label;
  const state = connection ? CONNECTION_STATES[connection.state].label : "Not connected";
  const reason = connection && writeReason(connection.reasonCode, connection.state, name).short;
  const incidents = connection?.incidents ? count(connection.incidents, "incident") : null;
  return [name, workspace.name, state, reason, incidents].filter(Boolean).join(", ");
}

function buildColumns(handlers: Handlers, isAll: boolean): DataColumn<ProviderRow>[] {
  const provider: DataColumn<ProviderRow> = {
    id: "provider",
    header: "Account",
    width: "10rem",
    cell: ({ provider, connection }) => (
      <>
        <b>{PROVIDERS[provider].label}</b>
        <small>{connection?.accountName ?? connection?.ownerName ?? "not connected"}</small>
      </>
    ),
  };
  const workspace: DataColumn<ProviderRow> = {
    id: "workspace",
    header: "Workspace",
    width: "12rem",
    hideBelow: 480,
    cell: ({ workspace }) => workspace.name,
  };
  return [
    provider,
    ...(isAll ? [workspace] : []),
    {
      id: "state",
      header: "State",
      cell: ({ connection }) =>
        connection ? (
          <>
            <StateMark
              shape={CONNECTION_STATES[connection.state].shape ?? "dot"}
              tone={CONNECTION_STATES[connection.state].tone}
            >
              {CONNECTION_STATES[connection.state].label}
            </StateMark>
            <small>
              <ConnectionSentence row={connection} />
              {connection.incidents > 0 && (
                <span className="text-doubt"> · {count(connection.incidents, "incident")} to look at</span>
              )}
            </small>
          </>
        ) : (
          <>
            <span className="text-ink-3">Not connected</span>
            {handlers.mayManage && <small className="@min-[480px]:hidden">Open to connect</small>}
          </>
        ),
    },
    {
      id: "event",
      header: "Last event",
      width: "7rem",
      hideBelow: 800,
      cell: ({ provider, connection }) =>
        // HighLevel sends none: its changes are read.
        provider === "highlevel" && connection ? (
          <span className="text-ink-3">by sweep</span>
        ) : (
          showAge(connection?.lastEventAt)
        ),
    },
    {
      id: "check",
      header: "Next check",
      width: "7rem",
      hideBelow: 800,
      cell: ({ connection }) =>
        connection?.nextSweepAt ? <Time kind="age" at={connection.nextSweepAt} /> : <Dash />,
    },
    {
      id: "types",
      header: "Coverage",
      width: "9rem",
      hideBelow: 640,
      cell: ({ provider, connection }) =>
        connection && connection.state !== "off" ? (
          <>
            {connection.eventTypes.selected} of {connection.eventTypes.total}{" "}
            {provider === "calendly" ? "event types" : "calendars"}
            <small>{connection.fullScope ? "everyone" : "one person only"}</small>
          </>
        ) : (
          <Dash />
        ),
    },
    {
      id: "actions",
      header: "Actions",
      width: handlers.onTest ? "11rem" : "7rem",
      align: "right",
      // The row itself opens the same page.
      hideBelow: 480,
      cell: (row) => <RowButtons row={row} {...handlers} />,
    },
  ];
}

function RowButtons({ row, onTest, testingId, mayManage }: Handlers & { row: ProviderRow }) {
  const { connection } = row;
  const isLinked = connection !== null && connection.state !== "off";
  if (!isLinked && !mayManage) return null;
  const label = isLinked ? (mayManage ? "Manage" : "Health") : "Connect";
  return (
    <span className="inline-flex gap-2">
      {isLinked && onTest && (
        <Button size="sm" isBusy={testingId === row.id} onClick={() => onTest(row)}>
          Test
        </Button>
      )}
      <Link
        to="/w/$workspace/connections/$provider"
        params={{ workspace: row.workspace.slug, provider: row.provider }}
        aria-label={`${label} ${PROVIDERS[row.provider].label}`}
        className="inline-flex h-7 items-center rounded-md border border-control/60 bg-sheet px-2 text-xs text-ink hover:bg-hover"
      >
        {label}
      </Link>
    </span>
  );
}

function showAge(at: string | null | undefined): ReactNode {
  return at ? <Time kind="age" at={at} /> : <Dash />;
}

function Dash() {
  return <span className="text-ink-3">none</span>;
}
