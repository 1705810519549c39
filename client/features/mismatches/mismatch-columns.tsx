import type { DataColumn } from "#client/components/data-table/columns.ts";
import { Time } from "#client/components/ui/time.tsx";
import type { Provider } from "#client/lib/trpc.ts";
import {
  DECISIONS,
  LEAD_STATUSES,
  MISMATCH_CAUSES,
  MISMATCH_KINDS,
  PROVIDERS,
} from "#client/lib/vocabulary.ts";
import { ClaimBadge, ProviderBadges } from "./evidence-badges.tsx";
import { describeReason, describeSuggestion, type MismatchRow, writeChannel } from "./words.ts";

/**
 * One set per combination of connected providers, so that the table keeps its columns between renders. Columns give way
 * early enough that two evidence badges stand beside each other; a scrollbar beside the open panel of a 1440 px window
 * leaves 929 px.
 */
export function mismatchColumns(connected: readonly Provider[]): readonly DataColumn<MismatchRow>[] {
  return [
    {
      id: "lead",
      header: "Lead",
      width: "132px",
      isSortable: true,
      cell: (row) => (
        <>
          <b>{row.name}</b>
          <small>{row.isProtected ? LEAD_STATUSES[row.status].label : (row.company ?? row.email)}</small>
        </>
      ),
    },
    {
      id: "claim",
      header: "Conversation says",
      width: "126px",
      // The narrowest list keeps what differs from row to row: the evidence.
      hideBelow: 480,
      cell: (row) => (
        <>
          <ClaimBadge row={row} />
          <small>
            {row.claim.channel && `${writeChannel(row.claim.channel)} · `}
            <Time kind="age" at={row.claim.at} />
          </small>
        </>
      ),
    },
    {
      id: "evidence",
      header: "Providers say",
      cell: (row) => <ProviderBadges row={row} connected={connected} />,
    },
    {
      id: "cause",
      header: "Cause",
      width: "190px",
      hideBelow: 800,
      cell: (row) =>
        row.decision?.decision === "needs_info" ? (
          <>
            {DECISIONS.needs_info.label}
            <small>
              {row.decision.until ? (
                <>
                  back <Time kind="moment" at={row.decision.until} />
                </>
              ) : (
                "back on new evidence"
              )}
            </small>
          </>
        ) : (
          <>
            <span className={row.cause ? undefined : "text-ink-3"}>{causeText(row)}</span>
            <small>
              <span className="sr-only">Suggested: </span>
              <span aria-hidden="true">→ </span>
              {describeSuggestion(row)}
            </small>
          </>
        ),
    },
    {
      id: "age",
      header: "Age",
      width: "82px",
      isSortable: true,
      hideBelow: 920,
      cell: (row) => row.since && <Time kind="age" at={row.since} className="text-ink-2" />,
    },
    {
      id: "checked",
      header: "Checked",
      width: "86px",
      isSortable: true,
      hideBelow: 920,
      cell: (row) =>
        row.checkedAt ? (
          <Time kind="age" at={row.checkedAt} className="text-ink-2" />
        ) : (
          <span className="text-ink-3">never</span>
        ),
    },
    {
      id: "last",
      header: "Last message",
      width: "112px",
      hideBelow: 1160,
      cell: (row) =>
        row.lastMessageAt ? (
          <>
            <Time kind="age" at={row.lastMessageAt} />
            <small>{row.lastMessageDirection === "inbound" ? "from the lead" : "from us"}</small>
          </>
        ) : (
          <span className="text-ink-3">none</span>
        ),
    },
    {
      id: "owner",
      header: "Owner",
      width: "104px",
      hideBelow: 1160,
      cell: (row) => row.owner?.name ?? <span className="text-ink-3">nobody</span>,
    },
  ];
}

function causeText(row: MismatchRow): string {
  if (row.kind === null) return "Unknown until the next check";
  if (row.kind === 5) return MISMATCH_KINDS.attendance_unrecorded.label;
  return row.cause ? MISMATCH_CAUSES[row.cause].label : "Looking for the cause…";
}

/** What a reader hears for the whole row. */
export function mismatchLabel(row: MismatchRow): string {
  const words = row.providers.map(
    (word) => `${PROVIDERS[word.provider].label} ${word.status.replace("_", " ")}`,
  );
  return [
    row.name,
    row.kind === null ? "not checked since the claim" : causeText(row),
    words.length > 0 ? words.join(", ") : "no meeting",
    row.decision?.reason ? describeReason(row.decision.reason) : null,
  ]
    .filter(Boolean)
    .join(", ");
}
