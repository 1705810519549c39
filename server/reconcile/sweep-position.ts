import type { Db, Tx } from "#server/db/client.ts";
import { contains, type Tier, type Window } from "./window.ts";

/** Where a pass stands that its provider's limit ended. */
export type SweepPosition = {
  /** When it began, with its first part. */
  startedAt: Date;
  /** The first day that it has not closed. */
  day: Date;
  /** What its parts have taken so far. */
  calls: number;
};

type Pass = { connectionId: string; tier: Tier };

/** Null where no pass over this tier is under way. */
export async function loadPosition(db: Db, pass: Pass): Promise<SweepPosition | null> {
  return db.sweepPosition.findUnique({
    where: { connectionId_tier: pass },
    select: { startedAt: true, day: true, calls: true },
  });
}

export async function savePosition(tx: Tx, pass: Pass, position: SweepPosition): Promise<void> {
  await tx.sweepPosition.upsert({
    where: { connectionId_tier: pass },
    create: { ...pass, ...position },
    update: position,
  });
}

export async function clearPosition(tx: Tx, pass: Pass): Promise<void> {
  await tx.sweepPosition.deleteMany({ where: pass });
}

/** What is left to read of a window, which may have moved on since. */
export function restOf(window: Window, position: SweepPosition | null): Window {
  if (position === null || !contains(window, position.day)) return window;
  return { from: position.day, to: window.to };
}
