import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { DataColumn } from "#client/components/data-table/columns.ts";
import { DataTable } from "#client/components/data-table/data-table.tsx";
import { EmptyState } from "#client/components/ui/empty-state.tsx";
import { StateMark } from "#client/components/ui/state-mark.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { DELIVERY_REASONS, EVENTS } from "#client/lib/connection-words.ts";
import { useWorkspace } from "#client/lib/session.ts";
import { DELIVERY_RESULTS } from "#client/lib/vocabulary.ts";
import type { DeliveryRow } from "./connection-types.ts";

/** What arrived, what became of it, and how long that took. */
export function DeliveriesTable({
  rows,
  total,
  activeId,
  onOpen,
  isLoading,
  isFiltered,
  error,
}: {
  rows: readonly DeliveryRow[];
  total: number | null;
  activeId: string | null;
  onOpen: (id: string) => void;
  isLoading: boolean;
  isFiltered: boolean;
  error: ReactNode;
}) {
  return (
    <DataTable
      label="Deliveries"
      group="Connections"
      columns={COLUMNS}
      rows={rows}
      rowId={readId}
      rowLabel={labelRow}
      total={total}
      activeId={activeId}
      onOpen={onOpen}
      onPeek={onOpen}
      openLabel="Open delivery"
      isSingleLine
      isLoading={isLoading}
      error={error}
      empty={
        isFiltered ? (
          <EmptyState title="No deliveries with this result" />
        ) : (
          <EmptyState title="No deliveries yet">
            They appear here within a second of a booking or a cancellation.
          </EmptyState>
        )
      }
    />
  );
}

const readId = (row: DeliveryRow) => row.id;

const labelRow = (row: DeliveryRow) =>
  [eventWord(row), row.lead?.name, resultWord(row)].filter(Boolean).join(", ");

export function eventWord({ eventType, result }: Pick<DeliveryRow, "eventType" | "result">): string {
  return EVENTS[eventType ?? ""] ?? eventType ?? (result === "refused" ? "Not read" : "Unreadable");
}

/** `Refused: wrong signature` */
export function resultWord(row: Pick<DeliveryRow, "result" | "resultReason" | "processedAt">): string {
  const { label } = DELIVERY_RESULTS[row.result];
  if (row.result === "accepted" && row.processedAt === null) return "In line";
  const reason = DELIVERY_REASONS[row.resultReason ?? ""];
  return reason ? `${label}: ${reason}` : label;
}

const COLUMNS: DataColumn<DeliveryRow>[] = [
  {
    id: "time",
    header: "Time",
    width: "8.5rem",
    cell: (row) => <Time kind="moment" at={row.receivedAt} seconds />,
  },
  { id: "event", header: "Event", width: "9rem", cell: eventWord },
  { id: "lead", header: "Lead", hideBelow: 480, cell: (row) => <LeadLink row={row} /> },
  {
    id: "result",
    header: "Result",
    width: "17rem",
    hideBelow: 360,
    cell: (row) => (
      <StateMark
        shape={row.processedAt === null ? "clock" : (DELIVERY_RESULTS[row.result].shape ?? "dot")}
        tone={row.processedAt === null ? "quiet" : DELIVERY_RESULTS[row.result].tone}
      >
        {resultWord(row)}
      </StateMark>
    ),
  },
  {
    id: "repeats",
    header: "Repeats",
    width: "5rem",
    align: "right",
    hideBelow: 800,
    cell: (row) => (row.duplicates > 0 ? row.duplicates : <span className="text-ink-3">0</span>),
  },
  {
    id: "took",
    header: "Took",
    width: "5rem",
    align: "right",
    hideBelow: 640,
    cell: (row) => (row.tookMs === null ? <span className="text-ink-3">none</span> : writeTook(row.tookMs)),
  },
  {
    id: "tries",
    header: "Tries",
    width: "4rem",
    align: "right",
    hideBelow: 640,
    cell: (row) => row.tries,
  },
];

export function LeadLink({ row }: { row: Pick<DeliveryRow, "lead" | "appointmentId"> }) {
  const { slug } = useWorkspace();
  if (!row.lead) return <span className="text-ink-3">{row.appointmentId ? "no lead matches" : "none"}</span>;
  return (
    <Link
      to="/w/$workspace/leads/$leadId"
      params={{ workspace: slug, leadId: row.lead.id }}
      className="underline decoration-rule-strong underline-offset-3 hover:decoration-ink"
    >
      {row.lead.name}
    </Link>
  );
}

/** `850 ms`, `3.4 s`. */
function writeTook(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}
