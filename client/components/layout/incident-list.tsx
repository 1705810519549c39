import type { ReactNode } from "react";
import { ShapeMark } from "#client/components/ui/state-mark.tsx";
import { Time } from "#client/components/ui/time.tsx";

export type IncidentRow = {
  id: string;
  kind: string;
  what: string;
  action: string;
  count: number;
  firstSeenAt: string;
  lastSeenAt: string;
  from: string | null;
  to: string | null;
  until: string | null;
};

/**
 * What is open: what was seen, what to do about it, and since when. Nothing where nothing is. `renderAct` gives the button
 * of one that waits for a person's word.
 */
export function IncidentList({
  incidents,
  renderAct,
}: {
  incidents: readonly IncidentRow[];
  renderAct?: (incident: IncidentRow) => ReactNode;
}) {
  if (incidents.length === 0) return null;
  return (
    <ul aria-label="Incidents" className="grid gap-2">
      {incidents.map((incident) => (
        <li key={incident.id} className="flex gap-3 rounded-lg border border-rule bg-sheet px-4.5 py-3">
          <ShapeMark shape="half" className="mt-1 text-doubt" />
          <span className="min-w-0">
            <b>{incident.what}</b>
            <span className="block text-ink-2">{incident.action}</span>
            <span className="block text-ink-2">
              <IncidentTimes incident={incident} />
            </span>
            {renderAct?.(incident)}
          </span>
        </li>
      ))}
    </ul>
  );
}

function IncidentTimes({ incident }: { incident: IncidentRow }) {
  const { count, firstSeenAt, lastSeenAt, from, to, until } = incident;
  return (
    <>
      {count === 1 ? (
        <>
          Seen <Time kind="age" at={lastSeenAt} />
        </>
      ) : (
        <>
          Seen {count.toLocaleString("en-US")} times since <Time kind="moment" at={firstSeenAt} />, last{" "}
          <Time kind="age" at={lastSeenAt} />
        </>
      )}
      {from && to && (
        <>
          {" "}
          · about <Time kind="moment" at={from} /> to <Time kind="moment" at={to} />
        </>
      )}
      {until && (
        <>
          {" "}
          · until <Time kind="moment" at={until} />
        </>
      )}
    </>
  );
}
