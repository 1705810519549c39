import type { ReactNode } from "react";
import { Time } from "#client/components/ui/time.tsx";
import { formatEvery } from "#client/lib/connection-words.ts";
import { PROVIDERS } from "#client/lib/vocabulary.ts";
import type { ConnectionHealth, ConnectionRow } from "./connection-types.ts";

type Tier = ConnectionHealth["tiers"][number];

const LABELS: Record<Tier["tier"], string> = {
  hot: "Next two weeks",
  warm: "Whole window",
  cold: "A year back",
};

/** How often each part of the calendar is read, when it was last complete, and why it is read less often than promised. */
export function TierLines({
  tiers,
  provider,
}: Pick<ConnectionHealth, "tiers"> & Pick<ConnectionRow, "provider">) {
  const isStretched = tiers.some((tier) => tier.everyMin > tier.promisedMin);
  return (
    <div className="mt-3 border-t border-rule pt-3 text-xs text-ink-3">
      <ul className="flex flex-wrap gap-x-6 gap-y-1">
        {tiers.map((tier) => (
          <li key={tier.tier}>
            {LABELS[tier.tier]}{" "}
            <span className={tier.everyMin > tier.promisedMin ? "text-doubt" : "text-ink-2"}>
              {formatEvery(tier.everyMin)}
            </span>
            , {writeComplete(tier)}
          </li>
        ))}
      </ul>
      {isStretched && (
        <p className="mt-1">
          Less often than promised: the passes fill half of what {PROVIDERS[provider].label} grants.
        </p>
      )}
    </div>
  );
}

function writeComplete({ completeAt }: Tier): ReactNode {
  if (!completeAt) return "not complete yet";
  return (
    <>
      complete <Time kind="age" at={completeAt} />
    </>
  );
}
