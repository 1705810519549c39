import type { ReactNode } from "react";
import { ActionButton } from "#client/components/ui/button.tsx";
import { copyText } from "#client/components/ui/copy-button.tsx";
import { Section } from "#client/components/ui/facts.tsx";
import { StateMark } from "#client/components/ui/state-mark.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { type Action, useActions } from "#client/lib/actions.ts";
import { announce } from "#client/lib/announce.ts";
import { LEAD_STATUSES, PROVIDERS } from "#client/lib/vocabulary.ts";
import { isOpenTask } from "./decide-task-state.ts";
import type { RedTask, TaskPanelFacts } from "./red-queue-types.ts";
import { TaskHistory } from "./task-history.tsx";
import { GROUP } from "./words.ts";

/** What happened, what stands, the link to book again, and what was done on this task. */
export function PanelBody({
  task,
  facts,
  timeline,
  workspace,
  claimAction,
}: {
  task: RedTask;
  facts: TaskPanelFacts;
  timeline: ReactNode;
  workspace: { zone: string };
  /** Offered while nobody has the task. */
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
