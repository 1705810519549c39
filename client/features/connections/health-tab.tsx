import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { IncidentList } from "#client/components/layout/incident-list.tsx";
import { Button } from "#client/components/ui/button.tsx";
import { Card, Facts } from "#client/components/ui/facts.tsx";
import { ShapeMark } from "#client/components/ui/state-mark.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { EVENTS, formatEvery } from "#client/lib/connection-words.ts";
import { showToast } from "#client/lib/toasts.ts";
import type { Shape } from "#client/lib/tone.ts";
import { CONNECTION_STATES, PROVIDERS } from "#client/lib/vocabulary.ts";
import { count, planWord, roleWord } from "./account-summary.ts";
import { type ConnectionHealth, type ConnectionRow, isListening } from "./connection-types.ts";
import { CoverageMap } from "./coverage-map.tsx";
import { DeliveryStrip, sumHours } from "./delivery-strip.tsx";
import { HealthBanner } from "./health-banner.tsx";
import { TierLines } from "./tier-lines.tsx";
import type { ConnectionCalls } from "./use-connection-calls.ts";

/** How the connection does, at a glance: trouble first, then the last day, what the token is, and the four steps. */
export function HealthTab({
  row,
  health,
  calls,
  mayManage,
}: {
  row: ConnectionRow;
  health: ConnectionHealth;
  calls: ConnectionCalls;
  mayManage: boolean;
}) {
  const isHearing = isListening(row);
  return (
    <>
      <HealthBanner row={row} calls={calls} mayManage={mayManage} />
      <IncidentList
        incidents={health.incidents}
        renderAct={({ kind }) =>
          kind === "suspicious_drop" && mayManage && <ConfirmDrop row={row} calls={calls} />
        }
      />
      <div className={isHearing ? "grid gap-4 lg:grid-cols-[1.35fr_1fr]" : "grid gap-4"}>
        {isHearing && <StripCard row={row} health={health} />}
        <Card title="What this token is">
          <TokenFacts row={row} health={health} />
        </Card>
      </div>
      <Card
        title="Coverage, by day of the meeting"
        aside={row.sweptAt.warm ? null : "the first sweep is under way"}
      >
        <CoverageMap coverage={health.coverage} window={health.window} />
        <TierLines tiers={health.tiers} provider={row.provider} />
      </Card>
      <Checks row={row} health={health} calls={calls} mayManage={mayManage} />
    </>
  );
}

/** A person's word that the missing meetings are gone; a sweep then asks for each, and the provider has the last. */
function ConfirmDrop({ row, calls }: { row: ConnectionRow; calls: ConnectionCalls }) {
  const [isBusy, setIsBusy] = useState(false);
  const confirm = async () => {
    setIsBusy(true);
    const answer = await calls.confirmDrop(row.id);
    setIsBusy(false);
    if (answer === null) return;
    showToast(`${count(answer.missing, "meeting is", "meetings are")} asked for one by one.`, {
      description: `What ${PROVIDERS[row.provider].label} does not know any more counts as lost.`,
    });
  };
  return (
    <Button className="mt-2" isBusy={isBusy} onClick={() => void confirm()}>
      They are gone
    </Button>
  );
}

function StripCard({ row, health }: { row: ConnectionRow; health: ConnectionHealth }) {
  const sum = sumHours(health.hours);
  const parts = [
    `${sum.accepted} accepted`,
    `${sum.duplicates} repeated`,
    `${sum.refused} refused`,
    ...(sum.failed > 0 ? [`${sum.failed} failed`] : []),
  ];
  return (
    <Card title="Deliveries, last 24 hours" aside={parts.join(" · ")}>
      <DeliveryStrip hours={health.hours} failingSince={row.webhook?.retryStartedAt ?? null} />
    </Card>
  );
}

function TokenFacts({ row, health }: { row: ConnectionRow; health: ConnectionHealth }) {
  const { missingScopes } = row;
  const isCalendly = row.provider === "calendly";
  const people = row.fullScope ? count(row.seesPeople ?? 0, "person", "people") : "its owner only";
  const owner = isCalendly
    ? [row.ownerName, roleWord(row.ownerRole), row.accountName, planWord(row.plan)]
    : [row.accountName, row.locationId];
  return (
    <Facts
      facts={[
        { label: isCalendly ? "Owner" : "Location", value: owner.filter(Boolean).join(" · ") || "unknown" },
        {
          label: "Sees",
          value: `${people}, ${count(row.eventTypes.total, isCalendly ? "event type" : "calendar")}`,
          ...(row.fullScope ? {} : { tone: "doubt" as const }),
        },
        missingScopes.length > 0
          ? { label: "Scopes", value: `without ${missingScopes.join(", ")}`, tone: "doubt" as const }
          : { label: "Scopes", value: "all that we need", tone: "proof" as const },
        ...(health.ourLimit === null
          ? []
          : [
              {
                label: "Limit",
                value: `we use up to ${health.ourLimit} calls a minute, half of what is granted`,
              },
            ]),
        ...(isListening(row)
          ? [
              {
                label: "Last event",
                value: health.lastEvent ? (
                  <>
                    <Time kind="moment" at={health.lastEvent.receivedAt} />,{" "}
                    {(EVENTS[health.lastEvent.eventType ?? ""] ?? "event").toLowerCase()}
                  </>
                ) : (
                  "none yet"
                ),
              },
            ]
          : []),
        {
          label: "Last sweep",
          value: health.lastSweep?.endedAt ? (
            <>
              <Time kind="moment" at={health.lastSweep.endedAt} />, {count(health.lastSweep.pages, "page")},{" "}
              {count(health.lastSweep.changes, "change")}
            </>
          ) : (
            "none yet"
          ),
        },
      ]}
    />
  );
}

function Checks({ row, health, calls, mayManage }: Parameters<typeof HealthTab>[0]) {
  const isCalendly = row.provider === "calendly";
  const [isTesting, setIsTesting] = useState(false);
  const test = async () => {
    setIsTesting(true);
    const verdict = await calls.check(row.id);
    setIsTesting(false);
    if (verdict) {
      showToast(
        `${PROVIDERS[row.provider].label} was tested: ${CONNECTION_STATES[verdict.state].label.toLowerCase()}.`,
      );
    }
  };
  const isTokenGood = !(row.state === "action_needed" && !row.reasonCode?.startsWith("webhook"));
  return (
    <Card>
      <ul className="-my-1.5 divide-y divide-rule">
        <CheckLine
          isGood={isTokenGood}
          title={isTokenGood ? "Token verified" : "Token refused"}
          text={
            <>
              {row.tokenChangedAt && row.tokenChangedAt !== row.createdAt ? "Replaced" : "Saved"}{" "}
              <Time kind="date" at={row.tokenChangedAt ?? row.createdAt} />
              {row.lastCheckAt && (
                <>
                  , asked <Time kind="age" at={row.lastCheckAt} />
                </>
              )}
              .
            </>
          }
          action={
            mayManage && (
              <>
                <Button size="sm" isBusy={isTesting} onClick={() => void test()}>
                  Test
                </Button>
                <TabLink tab="token">Replace</TabLink>
              </>
            )
          }
        />
        <CheckLine
          isGood={row.eventTypes.chosenAt !== null}
          title={isCalendly ? "Event types" : "Calendars"}
          text={`${row.eventTypes.selected} of ${row.eventTypes.total} count${row.eventTypes.chosenAt ? "" : ", nobody has chosen yet"}. New ones are ${row.eventTypes.includeNew ? "included" : "left out"}.`}
          action={mayManage && <TabLink tab="event-types">Change</TabLink>}
        />
        {isCalendly && (
          <CheckLine
            isGood={row.webhook?.state === "active" && !row.webhook.retryStartedAt}
            shape={row.webhook ? "half" : "none"}
            title="Webhook"
            text={<WebhookText row={row} />}
            action={
              mayManage && (
                <TabLink tab={row.webhook ? "token" : "setup"}>{row.webhook ? "Key" : "Create"}</TabLink>
              )
            }
          />
        )}
        {!isCalendly && (
          <CheckLine
            isGood={row.lastEventAt !== null}
            shape="none"
            title="Webhook"
            text={<WorkflowText row={row} />}
            action={mayManage && <TabLink tab="token">{row.hasSigningKey ? "Key" : "Set up"}</TabLink>}
          />
        )}
        <CheckLine
          isGood={row.sweptAt.warm !== null}
          title="History"
          text={`${health.window.lookbackDays} days back and ${health.window.lookaheadDays} ahead, ${count(health.meetings, "meeting")}.`}
        />
      </ul>
    </Card>
  );
}

function WebhookText({ row }: { row: ConnectionRow }) {
  const { webhook } = row;
  if (!webhook) return bySweep(row);
  return (
    <>
      {webhook.scope === "user" ? "One person" : "Organization"} scope · booked, canceled, no-show · signed
      with our key ·{" "}
      {webhook.retryStartedAt ? (
        <>
          retrying since <Time kind="moment" at={webhook.retryStartedAt} />
        </>
      ) : (
        webhook.state
      )}
    </>
  );
}

/** Optional here: without it everything still arrives by sweep. */
function WorkflowText({ row }: { row: ConnectionRow }) {
  if (row.lastEventAt) {
    return (
      <>
        Last event <Time kind="age" at={row.lastEventAt} />. What it names is read at HighLevel.
      </>
    );
  }
  if (row.hasSigningKey) return "A secret is stored; no workflow has called yet.";
  return bySweep(row);
}

function bySweep({ everyMin }: ConnectionRow): string {
  return `None. Changes arrive by sweep, ${formatEvery(everyMin.hot)} for the next two weeks.`;
}

function CheckLine({
  isGood,
  shape = "half",
  title,
  text,
  action,
}: {
  isGood: boolean;
  shape?: Shape;
  title: string;
  text: ReactNode;
  action?: ReactNode;
}) {
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
      <ShapeMark shape={isGood ? "check" : shape} className={isGood ? "text-proof" : "text-doubt"} />
      <span className="min-w-48 flex-1">
        <b className="block">
          {title}
          <span className="sr-only">{isGood ? ", in order" : ", to look at"}</span>
        </b>
        <span className="text-ink-2">{text}</span>
      </span>
      {action && <span className="flex gap-2">{action}</span>}
    </li>
  );
}

function TabLink({ tab, children }: { tab: "token" | "event-types" | "setup"; children: ReactNode }) {
  return (
    <Link
      to="/w/$workspace/connections/$provider"
      from="/w/$workspace/connections/$provider"
      search={{ tab }}
      className="inline-flex h-7 items-center rounded-md border border-control/60 bg-sheet px-2 text-xs hover:bg-hover"
    >
      {children}
    </Link>
  );
}
