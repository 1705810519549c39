import type { FollowUps, RowJson } from "./snapshot-follow-ups.ts";

export type RowChange = { id: string; before: RowJson | null; after: RowJson };

/** What one decision did to a lead's tasks, sequences and offers, so that it can be taken back exactly. */
export type FollowUpChanges = { tasks: RowChange[]; instances: RowChange[]; clearedOfferIds: string[] };

export function computeFollowUpChanges(before: FollowUps, after: FollowUps): FollowUpChanges | null {
  const changes = {
    tasks: changedRows(before.tasks, after.tasks),
    instances: changedRows(before.instances, after.instances),
    clearedOfferIds: before.offerIds.filter((id) => !after.offerIds.includes(id)),
  };
  const isNothing = changes.tasks.length + changes.instances.length + changes.clearedOfferIds.length === 0;
  return isNothing ? null : changes;
}

function changedRows(before: RowJson[], after: RowJson[]): RowChange[] {
  return after.flatMap((row) => {
    const old = before.find(({ id }) => id === row.id) ?? null;
    return old !== null && isSameRow(old, row) ? [] : [{ id: row.id, before: old, after: row }];
  });
}

/** Both come from PostgreSQL's jsonb, whose keys are always in the same order. */
export function isSameRow(a: RowJson, b: RowJson): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
