import type { Tx } from "./client.ts";

/**
 * One writer of evidence per workspace at a time, until the transaction ends. Pages, webhooks and decisions
 * of one workspace follow one another instead of racing for the same leads; provider calls happen outside.
 */
export async function lockWorkspace(tx: Tx, workspaceId: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${workspaceId}, 1))`;
}

/**
 * The same for what a provider can be asked again: the transaction does not wait for the disk at its end. A power cut
 * forgets the last half second of it, whole transactions, positions included, and never one that came before an
 * acknowledged other; a process that dies forgets nothing.
 */
export async function lockForReadings(tx: Tx, workspaceId: string): Promise<void> {
  await tx.$executeRaw`
    SELECT set_config('synchronous_commit', 'off', true), pg_advisory_xact_lock(hashtextextended(${workspaceId}, 1))`;
}

/** One decision of a workspace begins at a time. It waits for no writer of evidence: a person waits for its answer. */
export async function lockDecisions(tx: Tx, workspaceId: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${workspaceId}, 2))`;
}
