import { SECOND_MS } from "#server/lib/duration.ts";

const BASE_MS = SECOND_MS / 2;
const CAP_MS = 5 * SECOND_MS;

/** Back-off before attempt `attempt + 1` (the first retry has attempt 1): doubled, capped, half of it jitter. */
export function computeRetryDelayMs(attempt: number, random: () => number): number {
  const full = Math.min(CAP_MS, BASE_MS * 2 ** (attempt - 1));
  return Math.round(full / 2 + (full / 2) * random());
}
