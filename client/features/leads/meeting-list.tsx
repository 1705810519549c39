import { Chip, Evidence } from "#client/components/ui/badge.tsx";
import { Button } from "#client/components/ui/button.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { useNowMs } from "#client/lib/clock.ts";
import { APPOINTMENT_STATUSES, PROVIDERS, SOURCES } from "#client/lib/vocabulary.ts";
import type { LeadMeeting } from "./lead-types.ts";

export type Mark = "showed" | "no_show" | null;

type MeetingListProps = {
  meetings: readonly LeadMeeting[];
  primaryId: string | null;
  zone: string | null;
  workspaceZone: string;
  numberOf: (appointmentId: string) => number | null;
  /** Meeting whose mark is being saved. */
  savingId: string | null;
  onMark: (appointmentId: string, mark: Mark) => void;
};

/** Every record of both providers, numbered, with what ties them together. */
export function MeetingList(props: MeetingListProps) {
  if (props.meetings.length === 0)
    return <p className="text-ink-3">No provider has a meeting for this lead.</p>;
  return (
    <ol className="grid divide-y divide-rule">
      {props.meetings.map((meeting) => (
        <Meeting key={meeting.id} meeting={meeting} {...props} />
      ))}
    </ol>
  );
}

function Meeting({
  meeting,
  meetings,
  primaryId,
  zone,
  workspaceZone,
  numberOf,
  savingId,
  onMark,
}: MeetingListProps & { meeting: LeadMeeting }) {
  const number = numberOf(meeting.id);
  const status = APPOINTMENT_STATUSES[meeting.status];
  return (
    <li
      id={`meeting-${number}`}
      className="grid scroll-mt-4 grid-cols-[1.75rem_1fr] gap-x-2 py-3 first:pt-0 last:pb-0 target:bg-accent-soft"
    >
      <span className="mt-0.5 grid size-5 place-items-center rounded-full bg-well text-2xs font-medium text-ink-2">
        {number}
      </span>
      <div className="grid min-w-0 gap-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <b>
            <Time kind="meeting" at={meeting.startAt} zone={zone} workspaceZone={workspaceZone} />
          </b>
          <Evidence source={PROVIDERS[meeting.provider].label} tone={status.tone}>
            {meeting.unrecognised ? `“${meeting.providerStatus}”` : status.label}
          </Evidence>
          {describeStanding(meeting, primaryId).map((word) => (
            <Chip key={word}>{word}</Chip>
          ))}
        </p>
        <p className="text-xs text-ink-2">
          {[meeting.title, meeting.organizerName && `with ${meeting.organizerName}`]
            .filter(Boolean)
            .join(" ")}
          {describeTies(meeting, meetings, numberOf).map((tie) => ` · ${tie}`)}
        </p>
        <p className="text-xs text-ink-3">
          {SOURCES[meeting.source].label}, as of <Time kind="age" at={meeting.asOf} />
          {meeting.canceledAt && (
            <>
              {" "}
              · canceled <Time kind="age" at={meeting.canceledAt} />
            </>
          )}
          {meeting.cancelReason && meeting.provider === "calendly" && <> · “{meeting.cancelReason}”</>}
        </p>
        <Attendance meeting={meeting} isSaving={savingId === meeting.id} onMark={onMark} />
      </div>
    </li>
  );
}

/** What the record counts as, where its status does not say it already. */
function describeStanding(meeting: LeadMeeting, primaryId: string | null): string[] {
  const words: string[] = [];
  if (meeting.id === primaryId) words.push("decides");
  if (meeting.standing === "copy") words.push("copy, counts for nothing");
  if (meeting.standing === "superseded") words.push("moved, counts no more");
  if (meeting.standing === "held" && meeting.status === "confirmed") words.push("held");
  if (!meeting.onConfiguredType) words.push("other event type");
  return words;
}

function describeTies(
  meeting: LeadMeeting,
  all: readonly LeadMeeting[],
  numberOf: (id: string) => number | null,
): string[] {
  const neighbour = (providerId: string | null) =>
    all.find((other) => other.provider === meeting.provider && other.providerId === providerId);
  const from = neighbour(meeting.rescheduledFromId);
  const to =
    neighbour(meeting.rescheduledToId) ??
    all.find(
      (other) => other.provider === meeting.provider && other.rescheduledFromId === meeting.providerId,
    );
  return [
    ...(meeting.mirrorOfId ? [`copy of ${numberOf(meeting.mirrorOfId)}`] : []),
    ...(from ? [`moved here from ${numberOf(from.id)}`] : []),
    ...(to ? [`moved to ${numberOf(to.id)}`] : []),
    ...(meeting.linkedBy && meeting.linkedBy !== "email"
      ? [`linked by ${LINKS[meeting.linkedBy] ?? meeting.linkedBy}`]
      : []),
  ];
}

const LINKS: Record<string, string> = {
  alias: "another e-mail of theirs",
  contact: "contact id",
  chain: "the meeting it replaces",
  successor: "the meeting that replaced it",
  operator: "an operator",
};

/** R6: an operator's word on who came, where no provider gives one. */
function Attendance({
  meeting,
  isSaving,
  onMark,
}: {
  meeting: LeadMeeting;
  isSaving: boolean;
  onMark: (appointmentId: string, mark: Mark) => void;
}) {
  const isOver = useNowMs(60_000) >= new Date(meeting.endAt).getTime();
  if (meeting.attendanceMark) {
    const mark = meeting.attendanceMark === "no_show" ? "did not come" : "came";
    return (
      <p className="flex flex-wrap items-center gap-2 pt-1 text-xs">
        <span>Marked by an operator: {mark}.</span>
        <Button size="sm" variant="quiet" isBusy={isSaving} onClick={() => onMark(meeting.id, null)}>
          Take mark back
        </Button>
      </p>
    );
  }
  if (!isOver || meeting.status !== "confirmed" || meeting.mirrorOfId !== null) return null;
  return (
    <p className="flex flex-wrap items-center gap-2 pt-1 text-xs text-ink-3">
      <span>Who came is not recorded.</span>
      <Button size="sm" isBusy={isSaving} onClick={() => onMark(meeting.id, "showed")}>
        They came
      </Button>
      <Button size="sm" isBusy={isSaving} onClick={() => onMark(meeting.id, "no_show")}>
        No-show
      </Button>
    </p>
  );
}
