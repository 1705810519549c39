import { useState } from "react";
import { IncidentList } from "#client/components/layout/incident-list.tsx";
import { Button } from "#client/components/ui/button.tsx";
import { Card, Facts } from "#client/components/ui/facts.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { EVENTS } from "#client/lib/connection-words.ts";
import { showToast } from "#client/lib/toasts.ts";
import { PROVIDERS } from "#client/lib/vocabulary.ts";
import { count, planWord, roleWord } from "./account-summary.ts";
import { type ConnectionHealth, type ConnectionRow, isListening } from "./connection-types.ts";
import { CoverageMap } from "./coverage-map.tsx";
import { DeliveryStrip, sumHours } from "./delivery-strip.tsx";
import { HealthBanner } from "./health-banner.tsx";
import { HealthChecks } from "./health-checks.tsx";
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
      <HealthChecks row={row} health={health} calls={calls} mayManage={mayManage} />
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
    <Card
      title="Deliveries, last 24 hours"
      aside={Object.values(sum).some((each) => each > 0) ? parts.join(" · ") : "none"}
    >
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
        ...(health.interrupted.lastStartedAt
          ? [
              {
                label: "Interrupted",
                value: (
                  <>
                    {count(health.interrupted.sweeps, "sweep")} in 24 h, the last begun{" "}
                    <Time kind="moment" at={health.interrupted.lastStartedAt} />. The pass after it reads the
                    same days again.
                  </>
                ),
                tone: "doubt" as const,
              },
            ]
          : []),
      ]}
    />
  );
}
