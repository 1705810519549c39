import type { BackfillMode, Provider } from "#server/db/generated/enums.ts";
import { addDays, DAY_MS } from "#server/lib/duration.ts";

export type SliceConnection = { id: string; workspaceId: string; provider: Provider };
export type NewSlice = { connectionId: string; workspaceId: string; provider: Provider; day: Date };

/** Beyond this a run is split by its operator: nobody watches for weeks, and every slice is a row. */
export const MAX_SLICES = 20_000;

/**
 * A slice per connection and UTC start day in [from, to). Newest day first, so that the days people work with are
 * verified early; within a day, connection by connection. A lookup asks every connection about a lead, so its slices
 * are one per workspace and day, in the name of the first.
 */
export function decideSlices(
  connections: SliceConnection[],
  range: { from: Date; to: Date; mode: BackfillMode },
): NewSlice[] {
  const days = countDays(range);
  const sorted = [...connections].sort(
    (a, b) => compare(a.workspaceId, b.workspaceId) || compare(a.provider, b.provider) || compare(a.id, b.id),
  );
  const order =
    range.mode === "lookup"
      ? sorted.filter(({ workspaceId }, at) => workspaceId !== sorted[at - 1]?.workspaceId)
      : sorted;
  return Array.from({ length: days }, (_, index) => addDays(range.from, days - 1 - index)).flatMap((day) =>
    order.map(({ id, workspaceId, provider }) => ({ connectionId: id, workspaceId, provider, day })),
  );
}

export function countDays({ from, to }: { from: Date; to: Date }): number {
  return Math.max(0, Math.round((to.getTime() - from.getTime()) / DAY_MS));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
