import { Link } from "@tanstack/react-router";
import { Facts, Section } from "#client/components/ui/facts.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { Quote, Timeline, type TimelineDot, TimelineItem } from "#client/components/ui/timeline.tsx";
import {
  APPOINTMENT_STATUSES,
  LEAD_STATUSES,
  MISMATCH_CAUSES,
  PROVIDERS,
  SENTIMENTS,
  SOURCES,
} from "#client/lib/vocabulary.ts";
import { ClaimBadge } from "./evidence-badges.tsx";
import { DECIDED, describeReason, type MismatchDetail, writeChannel } from "./words.ts";

/** Claim beside evidence, the cause that explains the gap, and what follows if the providers are believed. */
export function Comparison({ mismatch, workspace }: { mismatch: MismatchDetail; workspace: string }) {
  const { cause, decision } = mismatch;
  return (
    <>
      {decision && (
        <Section title="Decided">
          <p className="text-ink-2">
            <b className="text-ink">{DECIDED[decision.decision]}</b>
            {decision.by && ` by ${decision.by}`} {decision.at && <Time kind="age" at={decision.at} />}
            {decision.reason && `: ${describeReason(decision.reason).toLowerCase()}`}
            {decision.until && (
              <>
                , until <Time kind="moment" at={decision.until} />
              </>
            )}
          </p>
        </Section>
      )}
      <Section title="The conversation says">
        <ClaimSide mismatch={mismatch} />
      </Section>
      <Section
        title="The providers say"
        aside={
          mismatch.checkedAt ? (
            <>
              checked <Time kind="age" at={mismatch.checkedAt} />
              {mismatch.isUnverified && ", before the claim"}
            </>
          ) : (
            "never checked"
          )
        }
      >
        <EvidenceSide mismatch={mismatch} />
      </Section>
      {cause && (
        <Section title="Cause">
          <p>
            <b>{MISMATCH_CAUSES[cause].label}.</b>{" "}
            <span className="text-ink-2">{MISMATCH_CAUSES[cause].help}</span>
          </p>
        </Section>
      )}
      <Section title="If you accept">
        <IfAccepted mismatch={mismatch} />
      </Section>
      <p className="pt-5">
        <Link
          to="/w/$workspace/leads/$leadId"
          params={{ workspace, leadId: mismatch.id }}
          className="inline-flex min-h-6 items-center text-accent hover:underline"
        >
          All evidence and history of {mismatch.name}
        </Link>
      </p>
    </>
  );
}

function ClaimSide({ mismatch: { claim, ...mismatch } }: { mismatch: MismatchDetail }) {
  const says = { sentiment: claim.sentiment, status: claim.status };
  const isAboutSentiment = claim.sentiment === "meeting_booked" || mismatch.kind === 2;
  return (
    <div className="grid gap-2.5">
      <p className="flex flex-wrap items-center gap-x-2">
        <ClaimBadge row={says} />
        <span className="text-xs text-ink-2">
          first said <Time kind="age" at={isAboutSentiment ? claim.sentimentAt : claim.statusAt} />
          {claim.channel && ` · ${writeChannel(claim.channel)}`}
        </span>
      </p>
      <Facts
        facts={[
          {
            label: "Status",
            value: (
              <>
                {LEAD_STATUSES[claim.status].label}
                <span className="text-ink-3">
                  {" "}
                  · set by {SOURCES[claim.statusSource].label} <Time kind="age" at={claim.statusAt} />
                </span>
              </>
            ),
          },
          {
            label: "Last inbound",
            value: claim.lastInboundAt ? <Time kind="age" at={claim.lastInboundAt} /> : "none",
          },
          {
            label: "Last message",
            value: claim.lastMessageAt ? (
              <>
                <Time kind="age" at={claim.lastMessageAt} />
                {claim.lastMessageDirection === "inbound" ? ", from the lead" : ", from us"}
              </>
            ) : (
              "none"
            ),
          },
          ...(claim.linkSentAt
            ? [
                {
                  label: "Booking link",
                  value: (
                    <>
                      sent <Time kind="age" at={claim.linkSentAt} />
                    </>
                  ),
                },
              ]
            : []),
        ]}
      />
    </div>
  );
}

function EvidenceSide({ mismatch }: { mismatch: MismatchDetail }) {
  const { evidence, connections } = mismatch;
  const silent = connections.filter((c) => !evidence.some((item) => item.provider === c.provider));
  if (evidence.length + silent.length === 0) {
    return <p className="text-ink-2">No provider is connected, so nobody could be asked.</p>;
  }
  return (
    <Timeline label="Provider records">
      {evidence.map((item) => (
        <TimelineItem
          key={item.id}
          dot={dotOf(item)}
          title={
            <>
              <b>{PROVIDERS[item.provider].label}</b> {APPOINTMENT_STATUSES[item.status].label}
              {item.isCopy && <span className="text-ink-3"> (a copy of the Calendly booking)</span>}
            </>
          }
          meta={
            <>
              as of <Time kind="age" at={item.asOf} />, {SOURCES[item.source].label}
            </>
          }
        >
          <p className="text-ink-2">
            {item.title && `${item.title}, `}
            <Time
              kind="meeting"
              at={item.startAt}
              zone={mismatch.timezone}
              workspaceZone={mismatch.workspaceZone}
            />
            {item.canceledAt && (
              <>
                {" "}
                · canceled{" "}
                {item.canceledByType === "host"
                  ? "by the host "
                  : item.canceledByType === "invitee"
                    ? "by the lead "
                    : ""}
                <Time kind="age" at={item.canceledAt} />
              </>
            )}
          </p>
          {item.cancelReason && <Quote>{item.cancelReason}</Quote>}
        </TimelineItem>
      ))}
      {silent.map((connection) => (
        <TimelineItem
          key={connection.provider}
          dot={mismatch.isUnverified || !connection.fullScope ? "unknown" : "neutral"}
          title={
            <>
              <b>{PROVIDERS[connection.provider].label}</b>{" "}
              {mismatch.isUnverified ? "not checked since the claim" : "no meeting"}
            </>
          }
          meta={connection.fullScope ? null : "its token does not see everyone"}
        />
      ))}
    </Timeline>
  );
}

function dotOf(item: MismatchDetail["evidence"][number]): TimelineDot {
  if (item.isCopy) return "neutral";
  const { tone } = APPOINTMENT_STATUSES[item.status];
  if (tone === "proof" || tone === "lost") return tone;
  return item.status === "vanished" ? "unknown" : "neutral";
}

const RED_TASK = {
  opens: "one opens: somebody has to call",
  gains_meeting: "the open one gains this meeting",
  closes: "the open one closes",
  none: "none",
} as const;

/** Line by line what accepting does; the server says so with the very decision that applying takes. */
function IfAccepted({ mismatch }: { mismatch: MismatchDetail }) {
  const { ifAccepted } = mismatch;
  if (!ifAccepted) {
    return (
      <p className="text-ink-2">
        {mismatch.isUnverified
          ? "Nothing yet: nobody has checked since the claim. Re-check the providers first."
          : "Nothing: claim and evidence agree."}
      </p>
    );
  }
  const { status, sentiment, sequencesStopped, sequencesStarted } = ifAccepted;
  const sequences = [
    ...(sequencesStopped.length > 0 ? [`${sequencesStopped.join(", ")} stops`] : []),
    ...(sequencesStarted.length > 0 ? [`${sequencesStarted.join(", ")} starts`] : []),
    ...(ifAccepted.mayEnrolAgain ? ["may be enrolled again"] : []),
  ];
  return (
    <Facts
      facts={[
        {
          label: "Status",
          value: status
            ? `${LEAD_STATUSES[status.before].label} → ${LEAD_STATUSES[status.after].label.toLowerCase()}`
            : "stays",
        },
        {
          label: "Sentiment",
          value: sentiment
            ? `${SENTIMENTS[sentiment.before].label} → ${SENTIMENTS[sentiment.after].label}`
            : "stays",
        },
        { label: "Sequences", value: sequences.length > 0 ? sequences.join(" · ") : "none" },
        { label: "Red task", value: RED_TASK[ifAccepted.redTask] },
      ]}
    />
  );
}
