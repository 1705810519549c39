import type { DataColumn } from "#client/components/data-table/columns.ts";
import { Evidence, Unknown } from "#client/components/ui/badge.tsx";
import { Time } from "#client/components/ui/time.tsx";
import type { Tone } from "#client/lib/tone.ts";
import type { AppointmentStatus } from "#client/lib/trpc.ts";
import { APPOINTMENT_STATUSES, PROVIDERS } from "#client/lib/vocabulary.ts";
import { describeReasons, nameOf, type Suggestion, type UnmatchedRow } from "./words.ts";

/** A row with what is found beside the list: absent while it is looked for. */
export type ListedBooking = UnmatchedRow & { suggestions: readonly Suggestion[] | undefined };

/** Red is for a lead's lost meeting; whose this one is nobody knows yet. */
export function statusTone(status: AppointmentStatus): Tone {
  const { tone } = APPOINTMENT_STATUSES[status];
  return tone === "lost" ? "neutral" : tone;
}

export function unmatchedColumns(workspaceZone: string): readonly DataColumn<ListedBooking>[] {
  return [
    {
      id: "who",
      header: "Who",
      cell: (row) => (
        <>
          <b>{nameOf(row)}</b>
          <small>
            {row.attendeeName ? (row.attendeeEmail ?? "no address") : (row.attendeePhone ?? "no name")}
          </small>
        </>
      ),
    },
    {
      id: "when",
      header: "When",
      width: "188px",
      cell: (row) => (
        <>
          <Time kind="meeting" at={row.startAt} zone={row.attendeeTimezone} workspaceZone={workspaceZone} />
          <small>
            {PROVIDERS[row.provider].label}
            {/* Where the column that says so has no room. */}
            <span className="@min-[480px]:hidden"> {APPOINTMENT_STATUSES[row.status].label}</span>
            <span className="@max-[480px]:hidden">
              {" "}
              · seen <Time kind="age" at={row.firstSeenAt} />
            </span>
          </small>
        </>
      ),
    },
    {
      id: "status",
      header: "Provider says",
      width: "112px",
      hideBelow: 480,
      cell: (row) => (
        <Evidence tone={statusTone(row.status)}>{APPOINTMENT_STATUSES[row.status].label}</Evidence>
      ),
    },
    {
      id: "meeting",
      header: "Meeting",
      width: "18%",
      hideBelow: 800,
      cell: (row) => (
        <>
          {row.title ?? <span className="text-ink-3">untitled</span>}
          {row.organizerName && <small>with {row.organizerName}</small>}
        </>
      ),
    },
    {
      id: "likely",
      header: "Most likely",
      width: "26%",
      hideBelow: 640,
      cell: (row) => <Likely row={row} />,
    },
  ];
}

function Likely({ row: { suggestions, ambiguous } }: { row: ListedBooking }) {
  if (!suggestions) return <span className="text-ink-3">looking…</span>;
  const [first] = suggestions;
  if (!first) return <Unknown>nobody like this</Unknown>;
  const sharers = suggestions.filter(({ reasons }) => reasons.includes("address"));
  if (ambiguous && sharers.length > 1) {
    return (
      <>
        <span className="text-doubt">shared by {sharers.length} leads</span>
        <small>{sharers.map(({ name }) => name).join(", ")}</small>
      </>
    );
  }
  return (
    <>
      {first.name}
      <small>{describeReasons(first.reasons)}</small>
    </>
  );
}
