/** What is known about the stream; times on the browser's own clock. */
export type LiveFacts = {
  isOnline: boolean;
  failedCalls: number;
  /** When the last event or ping arrived; null before the first. */
  lastSignalMs: number | null;
  startedMs: number;
  isCatchingUp: boolean;
  pauseReason: string | null;
};

export type LiveState =
  | { kind: "live" }
  | { kind: "catching-up" }
  | { kind: "reconnecting"; sinceMs: number }
  | { kind: "stale"; sinceMs: number }
  | { kind: "offline"; sinceMs: number }
  | { kind: "paused"; reason: string };

const RECONNECTING_MS = 12_000;
const STALE_MS = 30_000;
const OFFLINE_CALLS = 3;

/**
 * Trouble is told before a pause: somebody who froze the list must still learn that the stream broke. Silence counts
 * from the last sign of life, or from the start when there was none.
 */
export function decideLiveState(facts: LiveFacts, nowMs: number): LiveState {
  const sinceMs = facts.lastSignalMs ?? facts.startedMs;
  const silenceMs = nowMs - sinceMs;
  if (!facts.isOnline || facts.failedCalls >= OFFLINE_CALLS) return { kind: "offline", sinceMs };
  if (silenceMs > STALE_MS) return { kind: "stale", sinceMs };
  if (silenceMs >= RECONNECTING_MS) return { kind: "reconnecting", sinceMs };
  if (facts.isCatchingUp) return { kind: "catching-up" };
  if (facts.pauseReason !== null) return { kind: "paused", reason: facts.pauseReason };
  return { kind: "live" };
}
