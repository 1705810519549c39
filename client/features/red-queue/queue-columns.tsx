import type { ReactNode } from "react";
import type { DataColumn } from "#client/components/data-table/columns.ts";
import { StateMark } from "#client/components/ui/state-mark.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { useNowMs } from "#client/lib/clock.ts";
import { useSession, useWorkspace } from "#client/lib/session.ts";
import { decideTaskState, isCallableNow } from "./decide-task-state.ts";
import type { QueueView, RedTask } from "./red-queue-types.ts";
import { describeLoss, describeReason, SHORT_OUTCOMES } from "./words.ts";

const MINUTE_MS = 60_000;

/** Column ids are the names that the server sorts by. Widths in `cqi` give way with the list, whose width an open panel takes. */
const STATE: DataColumn<RedTask> = {
  id: "next",
  header: "State",
  width: "clamp(5.75rem, 24cqi, 7.75rem)",
  isSortable: true,
  cell: (task) => <StateCell task={task} />,
};

const LEAD: DataColumn<RedTask> = {
  id: "lead",
  header: "Lead",
  width: "clamp(7rem, 30cqi, 9rem)",
  isSortable: true,
  cell: ({ lead, meetings }) => (
    <>
      <b>{lead.name}</b>
      <small>{meetings > 1 ? `${meetings} meetings` : (lead.company ?? lead.phone ?? "no company")}</small>
    </>
  ),
};

const HAPPENED: DataColumn<RedTask> = {
  id: "lost",
  header: "What happened",
  isSortable: true,
  cell: (task) => (
    <>
      {describeLoss(task)} · <Time kind="age" at={task.happened.at} />
      <small>{describeReason(task)}</small>
    </>
  ),
};

const WAS: DataColumn<RedTask> = {
  id: "was",
  header: "Was",
  width: "10.75rem",
  isSortable: true,
  hideBelow: 800,
  cell: (task) => <MeetingCell at={task.happened.wasAt} task={task} />,
};

const NOW: DataColumn<RedTask> = {
  id: "now",
  header: "Now",
  width: "10.75rem",
  hideBelow: 640,
  cell: (task) => <MeetingCell at={task.lead.nextMeetingAt} task={task} />,
};

const THEIR_TIME: DataColumn<RedTask> = {
  id: "clock",
  header: "Their time",
  width: "6.75rem",
  hideBelow: 640,
  cell: (task) => <ClockCell task={task} />,
};

const TRIES: DataColumn<RedTask> = {
  id: "tries",
  header: "Tries",
  width: "7rem",
  isSortable: true,
  hideBelow: 800,
  cell: (task) => <TriesCell task={task} />,
};

const DUE: DataColumn<RedTask> = {
  id: "due",
  header: "Due",
  width: "5.75rem",
  isSortable: true,
  hideBelow: 480,
  cell: (task) =>
    task.status === "snoozed" ? (
      <Time kind="moment" at={task.dueAt} className="text-ink-3" />
    ) : (
      <Time kind="deadline" at={task.dueAt} form="short" />
    ),
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
const WIDE_STATE = { ...STATE, width: "12.5rem" };

export const QUEUE_COLUMNS: Record<QueueView, readonly DataColumn<RedTask>[]> = {
  mine: WORK,
  unclaimed: WORK,
  all: WORK,
  snoozed: [{ ...STATE, width: "11rem" }, LEAD, HAPPENED, WAS, THEIR_TIME, TRIES, DUE],
  moved: [STATE, LEAD, HAPPENED, WAS, NOW, LOOK],
  done_today: [WIDE_STATE, LEAD, HAPPENED, NOW, TRIES, CLOSED],
};

function StateCell({ task }: { task: RedTask }): ReactNode {
  const nowMs = useNowMs(MINUTE_MS / 4);
  const { user } = useSession();
  const state = decideTaskState(task, nowMs, user.id);
  return (
    <StateMark shape={state.shape} tone={state.tone}>
      {state.word}
      {state.kind === "back" && !task.awaitsEvidence && (
        <>
          {" "}
          <Time kind="moment" at={state.at} />
        </>
      )}
    </StateMark>
  );
}

function MeetingCell({ at, task }: { at: string | null; task: RedTask }): ReactNode {
  const zone = useWorkspace().zone ?? "UTC";
  if (!at) return <span className="text-ink-3">unknown</span>;
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
  if (task.lastOutcome === null) return <span className="text-ink-3">none yet</span>;
  return (
    <>
      {task.attempts} of {task.attemptLimit}
      <small>
        {SHORT_OUTCOMES[task.lastOutcome]} {task.lastOutcomeAt && <Time kind="age" at={task.lastOutcomeAt} />}
      </small>
    </>
  );
}
