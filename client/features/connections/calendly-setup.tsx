import { Link } from "@tanstack/react-router";
import { Button } from "#client/components/ui/button.tsx";
import { CopyText } from "#client/components/ui/copy-button.tsx";
import { SkeletonText } from "#client/components/ui/skeleton-rows.tsx";
import { ShapeMark } from "#client/components/ui/state-mark.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { EVENTS, writeReason } from "#client/lib/connection-words.ts";
import { count, describeConnection } from "./account-summary.ts";
import { CalendlyTokenForm } from "./calendly-token-form.tsx";
import {
  type ConnectionHealth,
  type ConnectionRow,
  hasWebhookAnswer,
  isActive,
  type ManageFacts,
} from "./connection-types.ts";
import { EventTypesForm } from "./event-types-form.tsx";
import { SetupStep } from "./setup-step.tsx";
import type { ConnectionCalls } from "./use-connection-calls.ts";
import { WebhookForm } from "./webhook-form.tsx";
import { WebhookTestLine } from "./webhook-test-line.tsx";

/**
 * Four steps on one page that tick themselves from what the server knows: leave whenever, come back to the same place.
 */
export function CalendlySetup({
  workspace,
  row,
  facts,
  health,
  calls,
}: {
  workspace: string;
  /** The account, once there is one that is not off. */
  row: ConnectionRow | null;
  facts: ManageFacts | null;
  health: ConnectionHealth | null;
  calls: ConnectionCalls;
}) {
  const linked = isActive(row) ? row : null;
  const hasTypes = linked?.eventTypes.chosenAt != null;
  const hasWebhook = linked !== null && hasWebhookAnswer(linked);
  const connect = async (token: string) => {
    const outcome = await calls.connectCalendly(token);
    return outcome && !outcome.ok ? outcome.error : null;
  };
  return (
    <ol className="rounded-lg border border-rule bg-sheet" aria-label="Connect Calendly">
      <SetupStep
        number={1}
        title="Token"
        state={linked ? "done" : "current"}
        summary={linked && describeConnection(linked)}
      >
        {!linked && <CalendlyTokenForm calls={calls} submitLabel="Connect Calendly" onSubmit={connect} />}
      </SetupStep>

      <SetupStep
        number={2}
        title="Event types"
        state={hasTypes ? "done" : linked ? "current" : "waiting"}
        summary={
          linked && hasTypes
            ? `${linked.eventTypes.selected} of ${count(linked.eventTypes.total, "event type")} count. ${linked.eventTypes.includeNew ? "New ones are included." : "New ones are left out."}`
            : !linked && "Which bookings belong to this workspace."
        }
      >
        {linked &&
          !hasTypes &&
          (facts ? (
            <EventTypesForm
              provider="calendly"
              eventTypes={facts.eventTypes}
              includeNew={linked.eventTypes.includeNew}
              areCountsKnown={linked.sweptAt.warm !== null}
              saveLabel={(selected) => `Use ${count(selected, "event type")}`}
              onSave={(choice) => calls.chooseEventTypes({ connectionId: linked.id, ...choice })}
            />
          ) : (
            <SkeletonText />
          ))}
      </SetupStep>

      <SetupStep
        number={3}
        title="Webhook"
        state={linked?.webhook ? "done" : hasWebhook ? "skipped" : hasTypes ? "current" : "waiting"}
        summary={<WebhookSummary row={linked} url={facts?.webhookUrl ?? null} />}
      >
        {linked && facts && hasTypes && !hasWebhook && (
          <WebhookForm row={linked} facts={facts} calls={calls} />
        )}
        {linked && hasWebhook && !linked.webhook && (
          <div className="flex flex-wrap gap-2">
            <Link
              to="/w/$workspace/connections/$provider"
              from="/w/$workspace/connections/$provider"
              search={{ tab: "token" }}
              className="inline-flex h-7 items-center rounded-md border border-control/60 px-2 text-xs hover:bg-hover"
            >
              Paste another token
            </Link>
            <Button size="sm" onClick={() => void calls.createWebhook(linked.id, false)}>
              Try to create it again
            </Button>
          </div>
        )}
      </SetupStep>

      <SetupStep
        number={4}
        title="Verify"
        state={linked?.lastEventAt ? "done" : linked?.webhook ? "current" : "waiting"}
        summary={!linked?.webhook && "A first event proves that the whole road works."}
      >
        {linked?.webhook && <Verify workspace={workspace} row={linked} health={health} calls={calls} />}
      </SetupStep>
    </ol>
  );
}

function WebhookSummary({ row, url }: { row: ConnectionRow | null; url: string | null }) {
  if (!row) return "Changes arrive within a second instead of a minute.";
  if (row.webhook) {
    return (
      <>
        {row.webhook.scope === "user" ? "One person" : "Organization"} scope, {row.webhook.state}. The signing
        key is stored and never shown. {url && <CopyText text={url} />}
      </>
    );
  }
  if (!hasWebhookAnswer(row)) return null;
  const { short, effect } = writeReason(row.reasonCode, row.state, "Calendly", row.everyMin);
  return `${short.charAt(0).toUpperCase()}${short.slice(1)}. ${effect}`;
}

function Verify({
  workspace,
  row,
  health,
  calls,
}: {
  workspace: string;
  row: ConnectionRow;
  health: ConnectionHealth | null;
  calls: ConnectionCalls;
}) {
  const last = health?.lastEvent ?? null;
  return (
    <div className="grid gap-2">
      <WebhookTestLine onTest={calls.testWebhook} />
      <p className="flex items-baseline gap-2">
        <ShapeMark shape={row.webhook?.state === "active" ? "check" : "half"} className="text-proof" />
        Subscription {row.webhook?.state}
      </p>
      <p className="flex items-baseline gap-2" role="status">
        {row.lastEventAt ? (
          <>
            <ShapeMark shape="check" className="text-proof" />
            <span>
              First event: {EVENTS[last?.eventType ?? ""] ?? "received"}{" "}
              <Time kind="age" at={row.lastEventAt} />
            </span>
          </>
        ) : (
          <>
            <ShapeMark shape="clock" className="text-ink-3" />
            <span>
              Waiting for the first event. Book a test meeting to see it arrive here; the account works
              meanwhile.
            </span>
          </>
        )}
      </p>
      <History workspace={workspace} row={row} health={health} />
    </div>
  );
}

function History({
  workspace,
  row,
  health,
}: {
  workspace: string;
  row: ConnectionRow;
  health: ConnectionHealth | null;
}) {
  const days = health?.window.lookbackDays ?? 90;
  return (
    <p className="text-ink-2">
      {row.sweptAt.warm ? (
        <>
          The last {days} days are read: {count(health?.meetings ?? 0, "meeting")}.
        </>
      ) : (
        <>The last {days} days are being read now.</>
      )}{" "}
      For earlier ones start a{" "}
      <Link to="/w/$workspace/backfills" params={{ workspace }} className="text-accent underline">
        backfill
      </Link>
      .
    </p>
  );
}
