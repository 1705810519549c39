import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { Button } from "#client/components/ui/button.tsx";
import { Card } from "#client/components/ui/facts.tsx";
import { ShapeMark } from "#client/components/ui/state-mark.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { formatEvery } from "#client/lib/connection-words.ts";
import { showToast } from "#client/lib/toasts.ts";
import type { Shape } from "#client/lib/tone.ts";
import { CONNECTION_STATES, PROVIDERS } from "#client/lib/vocabulary.ts";
import { count } from "./account-summary.ts";
import type { ConnectionHealth, ConnectionRow } from "./connection-types.ts";
import type { ConnectionCalls } from "./use-connection-calls.ts";

/** The four steps of an account, whether each is in order, and where it is put right. */
export function HealthChecks({
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
