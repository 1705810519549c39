import type { ReactNode } from "react";
import { Time } from "#client/components/ui/time.tsx";
import { formatEvery, writeReason } from "#client/lib/connection-words.ts";
import { PROVIDERS } from "#client/lib/vocabulary.ts";
import type { ConnectionRow } from "./connection-types.ts";

/** What a state means here and now: the cause and since when. */
export function ConnectionSentence({ row }: { row: ConnectionRow }): ReactNode {
  const name = PROVIDERS[row.provider].label;
  const { short } = writeReason(row.reasonCode, row.state, name);
  const since = <Time kind="moment" at={row.stateSince} />;
  switch (row.state) {
    case "off":
      return (
        <>
          since {since}
          {row.disconnectedBy && ` by ${row.disconnectedBy}`}, data kept
        </>
      );
    case "healthy":
      if (row.lastEventAt) {
        return (
          <>
            last event <Time kind="age" at={row.lastEventAt} />
          </>
        );
      }
      return row.provider === "highlevel" ? `checked ${formatEvery(row.everyMin.hot)}` : "no event yet";
    case "quiet":
      return row.lastEventAt ? (
        <>
          last event <Time kind="age" at={row.lastEventAt} />, unusual for this time
        </>
      ) : (
        short
      );
    case "retrying":
      if (row.webhook?.turnsOffAt) {
        return (
          <>
            {short} since <Time kind="moment" at={row.webhook.retryStartedAt ?? row.stateSince} />; turns the
            webhook off <Time kind="moment" at={row.webhook.turnsOffAt} />
          </>
        );
      }
      return (
        <>
          {short} since {since}
        </>
      );
    case "action_needed":
      return (
        <>
          {short}, since {since}
        </>
      );
    case "polling":
      return short;
    default:
      return row.state satisfies never;
  }
}
