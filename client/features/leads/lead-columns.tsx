import type { DataColumn } from "#client/components/data-table/columns.ts";
import { Claim, Evidence, Unknown } from "#client/components/ui/badge.tsx";
import { StateMark } from "#client/components/ui/state-mark.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { useWorkspace } from "#client/lib/session.ts";
import { LEAD_STATUSES, MEETING_STATES, PROVIDERS, SENTIMENTS, SOURCES } from "#client/lib/vocabulary.ts";
import type { LeadRow } from "./lead-types.ts";

/** What the conversation says stands beside what the providers say: dashed against solid. */
export const LEAD_COLUMNS: readonly DataColumn<LeadRow>[] = [
  {
    id: "lead",
    header: "Lead",
    width: "clamp(8rem, 20cqi, 14rem)",
    cell: (lead) => (
      <>
        <b>{lead.name}</b>
        <small>{lead.company ?? lead.email}</small>
      </>
    ),
  },
  {
    id: "claim",
    header: "Conversation says",
    width: "10.5rem",
    hideBelow: 800,
    cell: (lead) =>
      lead.sentiment === "new" ? (
        <span className="text-ink-3">nothing yet</span>
      ) : (
        <>
          <Claim>{SENTIMENTS[lead.sentiment].label}</Claim>
          <small>
            <Time kind="age" at={lead.sentimentAt} />
          </small>
        </>
      ),
  },
  { id: "meeting", header: "Providers say", cell: (lead) => <MeetingCell lead={lead} /> },
  {
    id: "status",
    header: "Status",
    width: "9rem",
    hideBelow: 640,
    cell: ({ status }) => {
      const word = LEAD_STATUSES[status];
      return word.shape ? (
        <StateMark shape={word.shape} tone={word.tone}>
          {word.label}
        </StateMark>
      ) : (
        word.label
      );
    },
  },
  {
    id: "red",
    header: "Red task",
    width: "6rem",
    hideBelow: 640,
    cell: ({ red }) => {
      if (red === null) return <span className="text-ink-3">none</span>;
      return (
        <StateMark shape={red === "lost" ? "triangle" : "triangle-hollow"} tone="lost">
          {red === "lost" ? "Lost" : "Moved"}
        </StateMark>
      );
    },
  },
  {
    id: "updated",
    header: "Changed",
    width: "6.25rem",
    hideBelow: 800,
    cell: ({ updatedAt }) => <Time kind="age" at={updatedAt} className="text-ink-2" />,
  },
];

function MeetingCell({ lead }: { lead: LeadRow }) {
  const zone = useWorkspace().zone ?? "UTC";
  if (lead.meetingState === "none") {
    return lead.claimUnverified ? (
      <Unknown>not checked since</Unknown>
    ) : (
      <span className="text-ink-3">no meeting</span>
    );
  }
  const { label, tone } = MEETING_STATES[lead.meetingState];
  const provider = lead.meetingProvider ? PROVIDERS[lead.meetingProvider].label : "a provider";
  return (
    <>
      <Evidence source={provider} tone={tone}>
        {label.toLowerCase()}
      </Evidence>
      <small>
        {lead.meetingStartAt && (
          <Time kind="meeting" at={lead.meetingStartAt} zone={lead.timezone} workspaceZone={zone} />
        )}
        {lead.meetingAsOf && (
          <>
            {" "}
            ·{" "}
            <span className="@max-[480px]:hidden">
              {lead.meetingSource ? SOURCES[lead.meetingSource].label : "known"}{" "}
            </span>
            <Time kind="age" at={lead.meetingAsOf} />
          </>
        )}
      </small>
    </>
  );
}
