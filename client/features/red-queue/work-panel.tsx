import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Panel } from "#client/components/layout/panel.tsx";
import { ActionButton } from "#client/components/ui/button.tsx";
import { SkeletonText } from "#client/components/ui/skeleton-rows.tsx";
import { LoadFailure } from "#client/features/shell/load-failure.tsx";
import { useNowMs } from "#client/lib/clock.ts";
import { AfterHoursDialog } from "./after-hours-dialog.tsx";
import { ClaimBadge } from "./claim-badge.tsx";
import { ContactLine } from "./contact-line.tsx";
import { findHolder, isCallableNow, isOpenTask } from "./decide-task-state.ts";
import { OutcomeBar } from "./outcome-bar.tsx";
import { PanelBody } from "./panel-body.tsx";
import { PanelNotice } from "./panel-notice.tsx";
import type { Outcome, RedTask, TaskPanelFacts } from "./red-queue-types.ts";
import type { ClaimNote } from "./use-claims.ts";
import { useKeptFocus } from "./use-kept-focus.ts";
import type { OutcomeDetails } from "./use-outcomes.ts";
import { useActivity, useAfterHours, useBlocked, usePanelActions } from "./use-panel.ts";
import { GROUP } from "./words.ts";

type WorkPanelProps = {
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
        <PanelBody
          task={task}
          facts={facts}
          timeline={props.timeline}
          workspace={workspace}
          claimAction={isMine || holder ? null : claim}
        />
      )}
      {call.isAsking && (
        <AfterHoursDialog name={task.lead.name} zone={zone} onCall={call.go} onClose={call.close} />
      )}
    </Panel>
  );
}
