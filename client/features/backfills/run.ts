import type { RouterOutput } from "#client/lib/trpc.ts";

/** A run as the list shows it, and with everything its own page shows. */
export type RunRow = RouterOutput["backfills"]["list"]["rows"][number];
export type Run = RouterOutput["backfills"]["get"];
export type RunSlice = RouterOutput["backfills"]["log"][number];
export type RunEstimate = RouterOutput["backfills"]["estimate"];
export type RunSource = RouterOutput["backfills"]["sources"][number];

const ENDED: readonly RunRow["state"][] = [
  "canceled",
  "succeeded",
  "succeeded_with_exceptions",
  "incomplete",
];

export function isEnded({ state }: Pick<RunRow, "state">): boolean {
  return ENDED.includes(state);
}
