import type { TaskStatus } from "#server/db/generated/enums.ts";
import { addMs, MINUTE_MS } from "#server/lib/duration.ts";

/** How long a claim holds without activity. */
export const LEASE_MS = 10 * MINUTE_MS;

export type ClaimFacts = {
  status: TaskStatus;
  ownerId: string | null;
  leaseUntil: Date | null;
  version: number;
};

export type ClaimRequest = { userId: string; version: number; now: Date };

export type ClaimDecision =
  /** Nobody has it: it becomes theirs. */
  | { verdict: "claim"; leaseUntil: Date }
  /** They have it already: the lease begins again. */
  | { verdict: "renew"; leaseUntil: Date }
  /** Somebody else works on it until then. */
  | { verdict: "taken"; ownerId: string; until: Date }
  | { verdict: "closed" }
  /** It changed since they looked: what they would act on is not what they saw. */
  | { verdict: "moved_on" };

/** Who may work on a task: one person at a time, whoever came first, until their lease runs out. */
export function decideClaim(task: ClaimFacts, { userId, version, now }: ClaimRequest): ClaimDecision {
  if (!isOpen(task)) return { verdict: "closed" };
  const leaseUntil = addMs(now, LEASE_MS);
  const holder = findHolder(task, now);
  if (holder?.ownerId === userId) return { verdict: "renew", leaseUntil };
  if (holder) return { verdict: "taken", ...holder };
  if (task.version !== version) return { verdict: "moved_on" };
  return { verdict: "claim", leaseUntil };
}

export type RenewalDecision =
  | { verdict: "renew"; leaseUntil: Date }
  /** Ten minutes without activity: released, and theirs again only by a new claim. */
  | { verdict: "lapsed" }
  | { verdict: "taken"; ownerId: string; until: Date }
  | { verdict: "closed" };

export function decideRenewal(
  task: Omit<ClaimFacts, "version">,
  { userId, now }: Omit<ClaimRequest, "version">,
): RenewalDecision {
  if (!isOpen(task)) return { verdict: "closed" };
  const holder = findHolder(task, now);
  if (holder === null) return { verdict: "lapsed" };
  if (holder.ownerId !== userId) return { verdict: "taken", ...holder };
  return { verdict: "renew", leaseUntil: addMs(now, LEASE_MS) };
}

/** Who has it at this moment; a lease that has run out holds nothing, and nobody needs to end it. */
export function findHolder(
  task: Pick<ClaimFacts, "ownerId" | "leaseUntil">,
  now: Date,
): { ownerId: string; until: Date } | null {
  if (task.ownerId === null || task.leaseUntil === null || task.leaseUntil <= now) return null;
  return { ownerId: task.ownerId, until: task.leaseUntil };
}

export function isOpen({ status }: { status: TaskStatus }): boolean {
  return status === "pending" || status === "snoozed";
}
