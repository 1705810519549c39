import { atLocalHour, CALL_FROM_HOUR, CALL_UNTIL_HOUR, chooseZone, readLocalHour } from "./local-time.ts";

export type CallableDecision = {
  /** Between 9:00 and 18:00 where the lead is. */
  isCallable: boolean;
  /** When that turns over next, so that an open screen can follow without asking. */
  changesAt: Date;
  /** The zone that was used. */
  zone: string;
  /** The lead's own zone is unknown: the workspace's stands in. */
  isGuess: boolean;
};

/** May this lead be called now, by the clock where they are? */
export function decideCallable(
  { leadZone, workspaceZone }: { leadZone: string | null; workspaceZone: string },
  now: Date,
): CallableDecision {
  const { zone, isGuess } = chooseZone(leadZone, workspaceZone);
  const hour = readLocalHour(now, zone);
  if (hour >= CALL_FROM_HOUR && hour < CALL_UNTIL_HOUR) {
    return { isCallable: true, changesAt: atLocalHour(now, zone, 0, CALL_UNTIL_HOUR), zone, isGuess };
  }
  const days = hour < CALL_FROM_HOUR ? 0 : 1;
  return { isCallable: false, changesAt: atLocalHour(now, zone, days, CALL_FROM_HOUR), zone, isGuess };
}
