import type { ReactNode } from "react";
import type { DataColumn } from "#client/components/data-table/columns.ts";
import { StateMark } from "#client/components/ui/state-mark.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { useNowMs } from "#client/lib/clock.ts";
import { formatPhone } from "#client/lib/phone-text.ts";
import { useSession, useWorkspace } from "#client/lib/session.ts";
import { decideTaskState, isCallableNow } from "./decide-task-state.ts";
import type { QueueView, RedTask } from "./red-queue-types.ts";
import { describeLoss, describeReason, SHORT_OUTCOMES } from "./words.ts";

const MINUTE_MS = 60_000;

/** Column ids are the names that the server sorts by. Widths in `cqi` give way with the list, whose width an open panel takes. */
const STATE: DataColumn<RedTask> = {
  id: "next",
  header: "State",
  width: "clamp(6.25rem, 14.5cqi, max(7.125rem, 9cqi))",
  isSortable: true,
  cell: (task) => <StateCell task={task} />,
};

const LEAD: DataColumn<RedTask> = {
  id: "lead",
  header: "Lead",
  width: "clamp(7rem, 30cqi, 8.125rem)",
  isSortable: true,
  cell: ({ lead, meetings }) => (
    <>
      <b>{lead.name}</b>
      <small>
        {meetings > 1
          ? `${meetings} meetings`
          : (lead.company ?? (lead.phone ? formatPhone(lead.phone) : "no company"))}
      </small>
    </>
  ),
};

const HAPPENED: DataColumn<RedTask> = {
  id: "lost",
  header: "What happened",
  isSortable: true,
  cell: (task) => (
    <>
      {describeLoss(task)}
      <span className="@max-[480px]:hidden">
        {" "}
        · <Time kind="age" at={task.happened.at} />
      </span>
      <small>
        {/* On a phone the first line has room for what happened, or for when. */}
        <span className="@min-[480px]:hidden">
          <Time kind="age" at={task.happened.at} /> ·{" "}
        </span>
        {describeReason(task)}
      </small>
    </>
  ),
};

const WAS: DataColumn<RedTask> = {
  id: "was",
  header: "Was",
  width: "clamp(10.75rem, 19.1cqi, 12.5rem)",
  isSortable: true,
  hideBelow: 800,
  cell: (task) => <MeetingCell at={task.happened.wasAt} task={task} otherwise="unknown" />,
};

const NOW: DataColumn<RedTask> = {
  id: "now",
  header: "Now",
  width: "clamp(10.75rem, 15cqi, 12.5rem)",
  hideBelow: 640,
  cell: (task) => <MeetingCell at={task.lead.nextMeetingAt} task={task} otherwise="no meeting" />,
};

const THEIR_TIME: DataColumn<RedTask> = {
  id: "clock",
  header: "Their time",
  width: "clamp(6.75rem, 12.3cqi, 8rem)",
  hideBelow: 640,
  cell: (task) => <ClockCell task={task} />,
};

const TRIES: DataColumn<RedTask> = {
  id: "tries",
  header: "Tries",
  width: "clamp(6.25rem, 10.6cqi, 9rem)",
  isSortable: true,
  hideBelow: 800,
  cell: (task) => <TriesCell task={task} />,
};

const DUE: DataColumn<RedTask> = {
  id: "due",
  header: "Due",
  // Room for "in 2 h 44 min".
  width: "clamp(6.5rem, 11.2cqi, 7rem)",
  isSortable: true,
  hideBelow: 480,
  cell: (task) => {
    if (task.closedAt) return <span className="text-ink-3">closed</span>;
    if (task.status === "snoozed") return <Time kind="moment" at={task.dueAt} className="text-ink-3" />;
    return <Time kind="deadline" at={task.dueAt} form="short" />;
  },
};

const BACK: DataColumn<RedTask> = {
  ...DUE,
  header: "Back",
  width: "8rem",
  cell: ({ dueAt }) => <Time kind="moment" at={dueAt} />,
};

const LOOK: DataColumn<RedTask> = {
  ...DUE,
  // A moved meeting wants a look, not a call: late here is no alarm.
  cell: (task) => <Time kind="age" at={task.dueAt} />,
};

const CLOSED: DataColumn<RedTask> = {
  id: "closed",
  header: "Closed",
  width: "9rem",
  isSortable: true,
  hideBelow: 480,
  cell: ({ closedAt, closedByName }) => (
    <>
      {closedAt && <Time kind="moment" at={closedAt} />}
      <small>{closedByName ?? "by evidence"}</small>
    </>
  ),
};

const WORK = [STATE, LEAD, HAPPENED, WAS, THEIR_TIME, TRIES, DUE] as const;
const WIDE_STATE = { ...STATE, width: "clamp(6rem, 30cqi, 12.5rem)" };
const ASLEEP: DataColumn<RedTask> = {
  ...STATE,
  width: "clamp(6rem, 30cqi, 10rem)",
  // The time has a column of its own here.
  cell: (task) => <StateCell task={task} showsBack={false} />,
};

export const QUEUE_COLUMNS: Record<QueueView, readonly DataColumn<RedTask>[]> = {
  mine: WORK,
  unclaimed: WORK,
  all: WORK,
  snoozed: [ASLEEP, LEAD, HAPPENED, WAS, THEIR_TIME, TRIES, BACK],
  moved: [STATE, LEAD, HAPPENED, WAS, NOW, LOOK],
  done_today: [WIDE_STATE, LEAD, HAPPENED, NOW, TRIES, CLOSED],
};

function StateCell({ task, showsBack = true }: { task: RedTask; showsBack?: boolean }): ReactNode {
  const nowMs = useNowMs(MINUTE_MS / 4);
  const { user } = useSession();
  const state = decideTaskState(task, nowMs, user.id);
  return (
    <StateMark shape={state.shape} tone={state.tone}>
      {state.kind === "back" && !showsBack && !task.awaitsEvidence ? "Snoozed" : state.word}
      {state.kind === "back" && showsBack && !task.awaitsEvidence && (
        <>
          {" "}
          <Time kind="moment" at={state.at} />
        </>
      )}
    </StateMark>
  );
}

function MeetingCell({
  at,
  task,
  otherwise,
}: {
  at: string | null;
  task: RedTask;
  otherwise: string;
}): ReactNode {
  const zone = useWorkspace().zone ?? "UTC";
  if (!at) return <span className="text-ink-3">{otherwise}</span>;
  const leadZone = { zone: task.lead.timezone, workspaceZone: zone };
  return (
    <>
      <Time kind="meeting" at={at} {...leadZone} />
      <small>
        <Time kind="meeting-mine" at={at} {...leadZone} />
      </small>
    </>
  );
}

function ClockCell({ task }: { task: RedTask }): ReactNode {
  const zone = useWorkspace().zone ?? "UTC";
  const isCallable = isCallableNow(task.callable, useNowMs(MINUTE_MS));
  return (
    <>
      <Time kind="clock" zone={task.lead.timezone} workspaceZone={zone} afterHours={!isCallable} />
      <small>
        {isCallable ? (
          <span className="text-proof">ok to call</span>
        ) : (
          <span className="text-ink-3">after hours</span>
        )}
      </small>
    </>
  );
}

function TriesCell({ task }: { task: RedTask }): ReactNode {
  // Done: how it ended is said already.
  if (task.closedAt && task.attempts > 0) return `${task.attempts} of ${task.attemptLimit}`;
  if (task.lastOutcome === null || task.closedAt)
    return <span className="text-ink-3">{task.closedAt ? "none" : "none yet"}</span>;
  return (
    <>
      {task.attempts} of {task.attemptLimit}
      <small>
        {SHORT_OUTCOMES[task.lastOutcome]} {task.lastOutcomeAt && <Time kind="age" at={task.lastOutcomeAt} />}
      </small>
    </>
  );
}
