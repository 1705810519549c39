import { Claim } from "#client/components/ui/badge.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { Quote, Timeline, TimelineItem } from "#client/components/ui/timeline.tsx";
import { SENTIMENTS } from "#client/lib/vocabulary.ts";
import { decideDot, describeAct, describeEvidence, describeSource } from "./describe-entry.ts";
import type { TimelineEntry } from "./lead-types.ts";

/** A lead's story, newest first: who says, what, as of when. Evidence is solid, a claim dashed, the unknown dotted. */
export function EvidenceTimeline({
  label,
  entries,
  zone,
  workspaceZone,
  showsAsOf = false,
}: {
  label: string;
  entries: readonly TimelineEntry[];
  /** The lead's zone, null when unknown. */
  zone: string | null;
  workspaceZone: string;
  /** The lead page says of each line as of when it is known; the panel leaves that to the tooltip. */
  showsAsOf?: boolean;
}) {
  if (entries.length === 0) return <p className="text-ink-3">Nothing is known yet.</p>;
  return (
    <Timeline label={label}>
      {entries.map((entry) => (
        <Entry key={entry.id} entry={entry} zone={zone} workspaceZone={workspaceZone} showsAsOf={showsAsOf} />
      ))}
    </Timeline>
  );
}

function Entry({
  entry,
  zone,
  workspaceZone,
  showsAsOf,
}: {
  entry: TimelineEntry;
  zone: string | null;
  workspaceZone: string;
  showsAsOf: boolean;
}) {
  const age = <Time kind="age" at={entry.at} />;
  if (entry.basis === "claim") return <ClaimEntry entry={entry} />;
  if (entry.basis === "act") {
    return <TimelineItem dot="neutral" title={describeAct(entry)} meta={age} />;
  }
  const { meeting } = entry;
  const dot = decideDot(entry);
  const title = describeEvidence(entry);
  return (
    <TimelineItem
      dot={dot}
      title={dot === "lost" ? <b>{title}</b> : title}
      meta={
        <>
          {age} · {describeSource(entry)}
          {showsAsOf && entry.asOf && (
            <>
              {" "}
              · as of <Time kind="moment" at={entry.asOf} />
            </>
          )}
        </>
      }
    >
      {meeting && (
        <span className="block text-xs text-ink-2">
          {meeting.movedFromAt && (
            <>
              from <Time
                kind="meeting"
                at={meeting.movedFromAt}
                zone={zone}
                workspaceZone={workspaceZone}
              />{" "}
            </>
          )}
          {meeting.movedFromAt && "to "}
          <Time kind="meeting" at={meeting.startAt} zone={zone} workspaceZone={workspaceZone} />
        </span>
      )}
      {meeting?.quote && <Quote>{meeting.quote}</Quote>}
    </TimelineItem>
  );
}

function ClaimEntry({ entry }: { entry: TimelineEntry }) {
  const isStatus = entry.kind === "status";
  // Apart from `status`, the kind of a claim is the sentiment itself.
  const sentiment = isStatus ? "meeting_booked" : (entry.kind as keyof typeof SENTIMENTS);
  return (
    <TimelineItem
      dot="claim"
      title={
        <>
          {isStatus ? "Status says" : "Conversation says"} <Claim>{SENTIMENTS[sentiment].label}</Claim>
        </>
      }
      meta={<Time kind="age" at={entry.at} />}
    />
  );
}
