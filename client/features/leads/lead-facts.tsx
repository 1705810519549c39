import { Link } from "@tanstack/react-router";
import { Claim } from "#client/components/ui/badge.tsx";
import { CopyButton, CopyText } from "#client/components/ui/copy-button.tsx";
import { Card, Facts } from "#client/components/ui/facts.tsx";
import { StateMark } from "#client/components/ui/state-mark.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { formatPhone } from "#client/lib/phone-text.ts";
import { LEAD_STATUSES, SENTIMENTS, SOURCES, TASK_STATUSES, TASK_TYPES } from "#client/lib/vocabulary.ts";
import type { LeadPageFacts } from "./lead-types.ts";

const ZONE_SOURCES: Record<LeadPageFacts["lead"]["timezoneSource"], string> = {
  given: "given",
  calendly: "from Calendly",
  highlevel: "from HighLevel",
  phone: "from the phone's country",
  unknown: "unknown",
};

/** Labels, contact and identity of the lead. */
export function LeadFacts({ lead, workspaceZone }: { lead: LeadPageFacts["lead"]; workspaceZone: string }) {
  return (
    <Card title="Lead">
      <Facts
        facts={[
          {
            label: "Status",
            value: (
              <>
                {LEAD_STATUSES[lead.status].label}{" "}
                <small className="text-xs text-ink-3">
                  {SOURCES[lead.statusSource].label}, <Time kind="age" at={lead.statusAt} />
                </small>
              </>
            ),
          },
          {
            label: "Conversation",
            value:
              lead.sentiment === "new" ? (
                "nothing yet"
              ) : (
                <>
                  <Claim>{SENTIMENTS[lead.sentiment].label}</Claim>{" "}
                  <small className="text-xs text-ink-3">
                    <Time kind="age" at={lead.sentimentAt} />
                  </small>
                </>
              ),
          },
          {
            label: "Last message",
            value: lead.lastMessageAt ? (
              <>
                {lead.lastMessageDirection ?? ""} <Time kind="age" at={lead.lastMessageAt} />
              </>
            ) : (
              "none"
            ),
          },
          {
            label: "Their time",
            value: (
              <>
                <Time kind="clock" zone={lead.timezone} workspaceZone={workspaceZone} />{" "}
                <small className="text-xs text-ink-3">zone {ZONE_SOURCES[lead.timezoneSource]}</small>
              </>
            ),
          },
          {
            label: "Phone",
            value: lead.phone ? (
              <>
                {formatPhone(lead.phone)} <CopyButton text={lead.phone} label="Copy phone number" />
              </>
            ) : (
              "none"
            ),
          },
          {
            label: "E-mail",
            value: (
              <span className="break-words">
                <Address email={lead.email} /> <CopyButton text={lead.email} label="Copy e-mail address" />
              </span>
            ),
          },
          ...(lead.aliases.length > 0 ? [{ label: "Also", value: lead.aliases.join(", ") }] : []),
          ...(lead.assignedToName ? [{ label: "Assigned to", value: lead.assignedToName }] : []),
          ...(lead.badContactAt ? [{ label: "Flagged", value: "bad contact", tone: "doubt" as const }] : []),
          ...(lead.externalId ? [{ label: "External id", value: <CopyText text={lead.externalId} /> }] : []),
          ...lead.contactIds.map((id) => ({ label: "HighLevel contact", value: <CopyText text={id} /> })),
        ]}
      />
    </Card>
  );
}

/** Red tasks of this lead, open ones as links into the queue. */
export function LeadTasks({ tasks, slug }: { tasks: LeadPageFacts["tasks"]; slug: string }) {
  return (
    <Card title="Red tasks">
      {tasks.length === 0 && <p className="text-ink-3">none</p>}
      <ul className="grid gap-2">
        {tasks.map((task) => {
          const isOpen = task.status === "pending" || task.status === "snoozed";
          const word =
            isOpen && task.status === "pending" ? TASK_TYPES[task.type] : TASK_STATUSES[task.status];
          return (
            <li key={task.id} className="flex flex-wrap items-baseline justify-between gap-x-3">
              {isOpen ? (
                <Link
                  to="/w/$workspace/red-queue"
                  params={{ workspace: slug }}
                  search={{ view: task.red === "moved" ? "moved" : "all", task: task.id }}
                  className="rounded-sm hover:underline"
                >
                  <StateMark shape={word.shape ?? "dot"} tone={word.tone}>
                    {isOpen ? TASK_TYPES[task.type].label : word.label}
                  </StateMark>
                </Link>
              ) : (
                <span className="text-ink-2">
                  {TASK_TYPES[task.type].label}: {(task.closedReason ?? "closed").replaceAll("_", " ")}
                </span>
              )}
              <Time kind="age" at={task.closedAt ?? task.createdAt} className="text-xs text-ink-3" />
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

const INSTANCE_WORDS: Record<LeadPageFacts["instances"][number]["status"], string> = {
  active: "running",
  paused: "paused",
  completed: "completed",
  canceled: "canceled",
};

export function LeadSequences({ instances }: { instances: LeadPageFacts["instances"] }) {
  return (
    <Card title="Sequences">
      {instances.length === 0 && <p className="text-ink-3">none</p>}
      <ul className="grid gap-2">
        {instances.map((instance) => (
          <li key={instance.id}>
            {instance.name}{" "}
            <span className="text-ink-2">
              {INSTANCE_WORDS[instance.status]}
              {instance.reason && `, ${instance.reason.replaceAll("_", " ")}`}
            </span>{" "}
            <Time kind="age" at={instance.endedAt ?? instance.startedAt} className="text-xs text-ink-3" />
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** Breaks before its domain where it must break. */
function Address({ email }: { email: string }) {
  const at = email.lastIndexOf("@");
  return (
    <>
      {email.slice(0, at)}
      <wbr />
      {email.slice(at)}
    </>
  );
}
