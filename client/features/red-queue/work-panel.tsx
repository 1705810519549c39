import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import { Panel } from "#client/components/layout/panel.tsx";
import { ActionButton } from "#client/components/ui/button.tsx";
import { copyText } from "#client/components/ui/copy-button.tsx";
import { Section } from "#client/components/ui/facts.tsx";
import { SkeletonText } from "#client/components/ui/skeleton-rows.tsx";
import { StateMark } from "#client/components/ui/state-mark.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { LoadFailure } from "#client/features/shell/load-failure.tsx";
import { type Action, useActions } from "#client/lib/actions.ts";
import { announce } from "#client/lib/announce.ts";
import { useNowMs } from "#client/lib/clock.ts";
import { useLiveState } from "#client/lib/live/live.ts";
import { LEAD_STATUSES, PROVIDERS } from "#client/lib/vocabulary.ts";
import { AfterHoursDialog } from "./after-hours-dialog.tsx";
import { ClaimBadge } from "./claim-badge.tsx";
import { ContactLine, telLink } from "./contact-line.tsx";
import { findHolder, firstName, isCallableNow, isOpenTask } from "./decide-task-state.ts";
import { OutcomeBar } from "./outcome-bar.tsx";
import { PanelNotice } from "./panel-notice.tsx";
import type { Outcome, RedTask, TaskPanelFacts } from "./red-queue-types.ts";
import { TaskHistory } from "./task-history.tsx";
import type { ClaimNote } from "./use-claims.ts";
import { useKeptFocus } from "./use-kept-focus.ts";
import type { OutcomeDetails } from "./use-outcomes.ts";
import { GROUP } from "./words.ts";

export type WorkPanelProps = {
  task: RedTask;
  facts: TaskPanelFacts | undefined;
  error: unknown;
  onRetry: () => void;
  timeline: ReactNode;
  note: ClaimNote | null;
  me: { id: string };
  workspace: { slug: string; zone: string };
  isFullScreen: boolean;
  onClaim: () => void;
  onRelease: () => void;
  onNext: () => void;
  onClose: () => void;
  onActivity: () => void;
  onOutcome: (outcome: Outcome, details?: OutcomeDetails) => void;
};

/** One task: who, what happened, what can be done about it. Everything that is logged here is logged on this task. */
export function WorkPanel(props: WorkPanelProps) {
  const { task, facts, note, me, workspace } = props;
  const nowMs = useNowMs(1000);
  const holder = findHolder(task, nowMs);
  const isClaiming = note?.kind === "claiming" && note.taskId === task.id;
  const isMine = holder?.id === me.id || isClaiming;
  const isCallable = isCallableNow(task.callable, nowMs);
  const zone = task.lead.timezone ?? workspace.zone;
  const blocked = useBlocked(task, holder, isMine);
  const call = useAfterHours(task, isCallable);
  useActivity(isMine, props.onActivity);
  useKeptFocus();
  const [claim, next] = usePanelActions(props, {
    isMine,
    isHeld: holder !== null && !isMine,
    onCall: call.ask,
  });
  return (
    <Panel
      title={
        <Link
          to="/w/$workspace/leads/$leadId"
          params={{ workspace: workspace.slug, leadId: task.lead.id }}
          className="rounded-sm hover:underline"
        >
          {task.lead.name}
        </Link>
      }
      subtitle={
        <ContactLine
          task={task}
          email={facts?.lead.email}
          workspaceZone={workspace.zone}
          isCallable={isCallable}
          onCall={call.ask}
        />
      }
      aside={<ClaimBadge task={task} myId={me.id} isClaiming={isClaiming} />}
      onClose={props.onClose}
      closeLabel={isMine ? "Release and close" : "Close panel"}
      group={GROUP}
      takesFocus={props.isFullScreen}
      footer={
        isOpenTask(task) && (
          <OutcomeBar
            task={task}
            effects={facts?.effects}
            zone={zone}
            isGuessedZone={task.lead.timezone === null}
            blocked={blocked}
            onOutcome={props.onOutcome}
          />
        )
      }
    >
      <PanelNotice
        task={task}
        note={note}
        myId={me.id}
        claimButton={<ActionButton action={claim} size="sm" />}
        nextButton={<ActionButton action={next} size="sm" />}
      />
      {props.error && !facts ? (
        <LoadFailure what="this task" error={props.error} onRetry={props.onRetry} />
      ) : !facts ? (
        <div className="pt-5">
          <SkeletonText lines={6} />
        </div>
      ) : (
        <PanelBody {...props} facts={facts} claimAction={isMine || holder ? null : claim} />
      )}
      {call.isAsking && (
        <AfterHoursDialog name={task.lead.name} zone={zone} onCall={call.go} onClose={call.close} />
      )}
    </Panel>
  );
}

function PanelBody({
  task,
  facts,
  timeline,
  workspace,
  claimAction,
}: WorkPanelProps & {
  facts: TaskPanelFacts;
  claimAction: Action | null;
}) {
  const { liveMeetings, bookingLink, lead } = facts;
  return (
    <>
      {claimAction && isOpenTask(task) && !task.owner && (
        <p className="flex items-center gap-3 pt-4">
          <ActionButton action={claimAction} variant="primary" />
          <span className="text-xs text-ink-3">to work on it; others then see that you have it</span>
        </p>
      )}
      <Section title="What happened">{timeline}</Section>
      {liveMeetings.length > 0 && (
        <Section title="Stands now">
          <ul className="grid gap-1">
            {liveMeetings.map((meeting) => (
              <li key={meeting.id}>
                <StateMark shape="check" tone="proof">
                  {PROVIDERS[meeting.provider].label}
                </StateMark>{" "}
                <Time
                  kind="meeting"
                  at={meeting.startAt}
                  zone={task.lead.timezone}
                  workspaceZone={workspace.zone}
                />
              </li>
            ))}
          </ul>
        </Section>
      )}
      {bookingLink && isOpenTask(task) && task.red === "lost" && (
        <Section title="Book again">
          <BookingLink link={bookingLink} name={task.lead.name} />
        </Section>
      )}
      {lead.badContactAt && (
        <p className="pt-4 text-doubt">
          Flagged as a bad contact <Time kind="age" at={lead.badContactAt} />.
        </p>
      )}
      <Section title="This task" aside={`Lead status: ${LEAD_STATUSES[lead.status].label}`}>
        <TaskHistory task={task} audit={facts.audit} />
      </Section>
    </>
  );
}

function BookingLink({ link, name }: { link: string; name: string }) {
  const [copy] = useActions([
    {
      id: "copy-booking-link",
      label: "Copy link",
      keys: ["l"],
      scope: "panel",
      group: GROUP,
      run: () => {
        copyText(link).then(
          () => announce(`Booking link copied for ${name}.`),
          () => announce("The browser refused to copy. Select the link and copy it by hand."),
        );
      },
    },
  ]);
  return (
    <div className="flex flex-wrap items-center gap-2">
      <ActionButton action={copy} />
      <span className="min-w-0 truncate text-xs text-ink-3 select-all">{link}</span>
    </div>
  );
}

/** Why the outcome bar is off, in words; null when it is on. */
function useBlocked(task: RedTask, holder: { name: string } | null, isMine: boolean): string | null {
  const live = useLiveState();
  if (!isOpenTask(task)) return "This task is closed.";
  if (live.kind === "offline") return "Offline: outcomes need the server.";
  if (isMine) return null;
  return holder ? `${firstName(holder.name)} has this task.` : "Claim it first: C.";
}

/** Keys, typing and clicks keep the claim alive while one works on it. */
function useActivity(isMine: boolean, onActivity: () => void): void {
  useEffect(() => {
    if (!isMine) return;
    const events = ["keydown", "pointerdown"] as const;
    for (const event of events) document.addEventListener(event, onActivity);
    return () => {
      for (const event of events) document.removeEventListener(event, onActivity);
    };
  }, [isMine, onActivity]);
}

/** Outside calling hours a call asks once per lead. */
function useAfterHours(task: RedTask, isCallable: boolean) {
  const [asked, setAsked] = useState<{ taskId: string; isOpen: boolean } | null>(null);
  const mayCall = isCallable || (asked?.taskId === task.id && !asked.isOpen);
  return {
    isAsking: asked?.taskId === task.id && asked.isOpen,
    /** True when the call may be placed now; otherwise the question opens. */
    ask: () => {
      if (!mayCall) setAsked({ taskId: task.id, isOpen: true });
      return mayCall;
    },
    go: () => {
      setAsked({ taskId: task.id, isOpen: false });
      if (task.lead.phone) window.location.assign(telLink(task.lead.phone));
    },
    close: () => setAsked(null),
  };
}

function usePanelActions(
  { task, onClaim, onRelease, onNext }: WorkPanelProps,
  { isMine, isHeld, onCall }: { isMine: boolean; isHeld: boolean; onCall: () => boolean },
) {
  const isOpen = isOpenTask(task);
  const { phone } = task.lead;
  return useActions([
    {
      id: "task.claim",
      label: "Claim",
      keys: ["c"],
      scope: "panel",
      group: GROUP,
      enabled: isOpen && !isMine && !isHeld,
      reason: isMine ? "You have it." : isHeld ? "Somebody else has it." : "This task is closed.",
      run: onClaim,
    },
    {
      id: "task.next",
      label: "Next task",
      keys: ["enter"],
      scope: "panel",
      group: GROUP,
      enabled: !isMine,
      reason: "Log an outcome or release it first.",
      run: onNext,
    },
    {
      id: "task.release",
      label: "Release",
      keys: ["w"],
      scope: "panel",
      group: GROUP,
      enabled: isMine,
      reason: "You do not have it.",
      run: onRelease,
    },
    {
      id: "task.call",
      label: "Call",
      keys: ["p"],
      scope: "panel",
      group: GROUP,
      synonyms: ["phone", "dial"],
      enabled: phone !== null,
      reason: "No phone number is known.",
      run: () => {
        if (phone && onCall()) window.location.assign(telLink(phone));
      },
    },
  ]);
}
