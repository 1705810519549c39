import type { DataColumn } from "#client/components/data-table/columns.ts";
import { StateMark } from "#client/components/ui/state-mark.tsx";
import { Time } from "#client/components/ui/time.tsx";
import type { Shape, Tone } from "#client/lib/tone.ts";
import { countOf, DECIDED, describeReason, type ReceiptRow } from "./words.ts";

export const RECEIPT_COLUMNS: readonly DataColumn<ReceiptRow>[] = [
  {
    id: "what",
    header: "Decision",
    cell: (row) => (
      <>
        <b>{DECIDED[row.decision]}</b>
        {row.reason && <small>{describeReason(row.reason)}</small>}
      </>
    ),
  },
  {
    id: "leads",
    header: "Leads",
    width: "24%",
    cell: (row) => (
      <>
        {row.lead ? row.lead.name : countOf(row.applied, "lead")}
        {row.failed > 0 && <small>{row.failed.toLocaleString("en-US")} not: changed since</small>}
      </>
    ),
  },
  {
    id: "state",
    header: "State",
    width: "20%",
    hideBelow: 480,
    cell: (row) => {
      const state = receiptState(row);
      return (
        <StateMark shape={state.shape} tone={state.tone}>
          {state.label}
        </StateMark>
      );
    },
  },
  {
    id: "by",
    header: "Decided by",
    width: "16%",
    hideBelow: 480,
    cell: (row) => row.actor.name ?? "Bookproof",
  },
  {
    id: "at",
    header: "When",
    width: "92px",
    cell: (row) => <Time kind="age" at={row.at} className="text-ink-2" />,
  },
];

export function receiptState(row: ReceiptRow): { label: string; tone: Tone; shape: Shape } {
  const all = row.applied + row.failed;
  switch (row.state) {
    case "applying":
      return {
        label: `Accepting, ${row.total > 0 ? Math.floor((all / row.total) * 100) : 0}%`,
        tone: "accent",
        shape: "half",
      };
    case "undoing":
      return { label: "Undoing", tone: "accent", shape: "half" };
    case "undone": {
      const kept = row.kept.reduce((sum, each) => sum + each.count, 0);
      return {
        label: kept > 0 ? `Undone, ${kept.toLocaleString("en-US")} kept` : "Undone",
        tone: "quiet",
        shape: "none",
      };
    }
    case "failed":
      return { label: "Stopped", tone: "doubt", shape: "half" };
    case "preview":
    case "applied":
      return { label: "Applied", tone: "proof", shape: "check" };
    default:
      return row.state satisfies never;
  }
}

export function receiptLabel(row: ReceiptRow): string {
  const who = row.lead ? row.lead.name : countOf(row.applied, "lead");
  return `${DECIDED[row.decision]}, ${who}, ${receiptState(row).label}`;
}
