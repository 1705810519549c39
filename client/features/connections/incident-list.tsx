import { ShapeMark } from "#client/components/ui/state-mark.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { DELIVERY_REASONS } from "#client/lib/connection-words.ts";
import { count } from "./account-summary.ts";
import type { ConnectionHealth } from "./connection-types.ts";

type Incident = ConnectionHealth["incidents"][number];

/** What is open about this connection: what happened, since when, and what to do. */
export function IncidentList({ incidents }: { incidents: readonly Incident[] }) {
  if (incidents.length === 0) return null;
  return (
    <ul aria-label="Incidents" className="grid gap-2">
      {incidents.map((incident) => (
        <li key={incident.id} className="flex gap-3 rounded-lg border border-rule bg-sheet px-4.5 py-3">
          <ShapeMark shape="half" className="mt-1 text-doubt" />
          <span>
            <IncidentWords incident={incident} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function IncidentWords({ incident }: { incident: Incident }) {
  const { facts } = incident;
  switch (incident.kind) {
    case "refused_deliveries":
      return (
        <>
          <b>
            {count(facts.refused ?? incident.count, "delivery", "deliveries")} refused since{" "}
            <Time kind="moment" at={facts.since ?? incident.firstSeenAt} />:{" "}
            {DELIVERY_REASONS[incident.cause]}.
          </b>
          <span className="block text-ink-2">
            Nothing of them was believed.{" "}
            {incident.cause === "wrong_secret" || incident.cause === "no_secret"
              ? "If they are a workflow’s of yours, paste the secret into it, or create a new one under Token and key."
              : "If they are the provider’s, create a new key under Token and key."}
          </span>
        </>
      );
    case "dead_feed":
      return (
        <>
          <b>
            Nothing was delivered from <Time kind="moment" at={facts.from ?? incident.firstSeenAt} /> to{" "}
            <Time kind="moment" at={facts.to ?? incident.lastSeenAt} />.
          </b>
          <span className="block text-ink-2">
            {incident.cause === "webhook_gone"
              ? "Somebody deleted the webhook"
              : "The webhook was turned off"}
            ; it was created anew, and a sweep reads the gap.
          </span>
        </>
      );
    case "suspicious_drop":
      return (
        <>
          <b>
            A sweep found far fewer meetings than before, <Time kind="age" at={incident.lastSeenAt} />.
          </b>
          <span className="block text-ink-2">
            Nothing was counted as lost. Check that the token still sees everyone and that no calendar was
            removed.
          </span>
        </>
      );
    default:
      return (
        <>
          <b>
            {incident.cause}, <Time kind="age" at={incident.lastSeenAt} />
          </b>
          <span className="block text-ink-2">{incident.action}</span>
        </>
      );
  }
}
