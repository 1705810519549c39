import type { Control } from "./accounts.ts";

type LoggedCall = { arrivedMs: number; token: string | null; status: number; tookMs: number };

/** What one token's calls looked like at the provider. */
export type TokenCalls = {
  calls: number;
  refused: number;
  /** Largest number in any stretch of the given length, wherever it begins. */
  mostInWindow: number;
  /** Calls that arrived while the provider had asked for rest, those under way at the refusal left aside. */
  duringRest: number;
};

/** Requests that were on their way when the refusal came back. */
const ON_THEIR_WAY_MS = 1_000;

export async function readTokenCalls(
  control: Control,
  token: string,
  { windowMs, restMs }: { windowMs: number; restMs: number },
): Promise<TokenCalls> {
  const log: LoggedCall[] = (await control("/calls/log", null)).calls;
  const calls = log.filter((call) => call.token === token).sort((a, b) => a.arrivedMs - b.arrivedMs);
  const refusals = calls.filter(({ status }) => status === 429);
  const isResting = (at: number) =>
    refusals.some(({ arrivedMs, tookMs }) => {
      const sinceMs = at - arrivedMs - tookMs;
      return sinceMs > ON_THEIR_WAY_MS && sinceMs < restMs;
    });
  return {
    calls: calls.length,
    refused: refusals.length,
    mostInWindow: computeMostInWindow(
      calls.map(({ arrivedMs }) => arrivedMs),
      windowMs,
    ),
    duringRest: calls.filter(({ arrivedMs }) => isResting(arrivedMs)).length,
  };
}

/** Times in rising order; a stretch holds its first moment and not its last. */
export function computeMostInWindow(times: number[], windowMs: number): number {
  let most = 0;
  let first = 0;
  for (const [at, time] of times.entries()) {
    while ((times[first] ?? time) <= time - windowMs) first += 1;
    most = Math.max(most, at - first + 1);
  }
  return most;
}
