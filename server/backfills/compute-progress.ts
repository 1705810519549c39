import type { BackfillState } from "#server/db/generated/enums.ts";
import { SECOND_MS } from "#server/lib/duration.ts";
import { isEnded } from "./decide-backfill-state.ts";

/** How many meetings the run had dealt with at a moment (epoch ms); kept for the rate, oldest first. */
export type RateSample = { at: number; done: number };

const RATE_WINDOW_MS = 60 * SECOND_MS;
/** What is kept. The weighted rate looks back this far. */
const SAMPLE_WINDOW_MS = 90 * SECOND_MS;
const SAMPLE_GAP_MS = 2 * SECOND_MS;
const HALF_LIFE_MS = 30 * SECOND_MS;

const ETA_AFTER_MS = 30 * SECOND_MS;
const ETA_AFTER_SHARE = 0.02;
/** Compared with what was said this long ago, an end that moves away reads "recalculating". */
const ETA_MEMORY_MS = 10 * SECOND_MS;
/** The next pages may be this much quicker or slower than the last ones. */
const QUICKER = 1.2;
const SLOWER = 0.85;

export type ProgressFacts = {
  state: BackfillState;
  done: number;
  known: number;
  failed: number;
  /** Meetings by the estimate before the start; null or none when nobody could say. */
  expected: number | null;
  /** Slices that are over, of all: how far a run is whose meetings nobody could count. */
  slices: { over: number; total: number };
  startedAt: Date | null;
  /** Since when the run waits; null while it does not. */
  waitingSince: Date | null;
  samples: RateSample[];
  now: Date;
};

export type Eta =
  | { kind: "none" }
  | { kind: "range"; lowSeconds: number; highSeconds: number; isFrozen: boolean }
  | { kind: "recalculating" };

export type Progress = {
  processed: number;
  total: number | null;
  totalIsEstimate: boolean;
  percent: number | null;
  isOverEstimate: boolean;
  /** Meetings per second over the last minute; null when there is nothing to say. */
  ratePerSecond: number | null;
  eta: Eta;
};

/** The figures of the run page. Percent reaches 100 only at the end: an estimate can be short. */
export function computeProgress(facts: ProgressFacts): Progress {
  const processed = facts.done + facts.known + facts.failed;
  const hasSucceeded = facts.state === "succeeded" || facts.state === "succeeded_with_exceptions";
  // An estimate of none says only that nothing is known there yet.
  const total = hasSucceeded ? processed : facts.expected || null;
  const isMoving = !isEnded(facts.state) && facts.startedAt !== null;
  return {
    processed,
    total,
    totalIsEstimate: !hasSucceeded,
    percent: hasSucceeded ? 100 : computePercent(processed, total, facts.slices),
    isOverEstimate: !hasSucceeded && total !== null && processed > total,
    ratePerSecond: isMoving && facts.state !== "paused" ? computeRate(facts.samples, facts.now) : null,
    eta: isMoving ? computeEta(facts, processed) : { kind: "none" },
  };
}

function computePercent(
  processed: number,
  total: number | null,
  slices: ProgressFacts["slices"],
): number | null {
  if (total === null && slices.total === 0) return null;
  const share = total === null ? slices.over / slices.total : processed / total;
  return Math.min(99, Math.floor(share * 100));
}

/** Plain average of the last minute: what the page calls the rate. */
function computeRate(samples: RateSample[], now: Date): number | null {
  const since = now.getTime() - RATE_WINDOW_MS;
  const base = samples.findLast((sample) => sample.at <= since) ?? samples[0];
  const last = samples.at(-1);
  if (!base || !last || now.getTime() - base.at < SECOND_MS) return null;
  return (last.done - base.done) / ((now.getTime() - Math.max(base.at, since)) / SECOND_MS);
}

function computeEta(facts: ProgressFacts, processed: number): Eta {
  if (!facts.expected || facts.startedAt === null) return { kind: "none" };
  if (facts.state !== "running" && facts.state !== "waiting") return { kind: "none" };
  // While it waits, the page shows what it said when the wait began.
  const nowMs = (facts.waitingSince ?? facts.now).getTime();
  if (nowMs - facts.startedAt.getTime() < ETA_AFTER_MS) return { kind: "none" };
  if (processed < facts.expected * ETA_AFTER_SHARE) return { kind: "none" };

  const range = computeRange(facts.samples, facts.expected, nowMs);
  if (!range) return { kind: "none" };
  const before = computeRange(facts.samples, facts.expected, nowMs - ETA_MEMORY_MS);
  if (before && range.highSeconds > before.highSeconds) return { kind: "recalculating" };
  return { kind: "range", ...range, isFrozen: facts.waitingSince !== null };
}

function computeRange(samples: RateSample[], expected: number, nowMs: number) {
  const seen = samples.filter((sample) => sample.at <= nowMs);
  const last = seen.at(-1);
  const rate = computeWeightedRate(seen, nowMs);
  if (!last || rate === null || rate <= 0 || last.done >= expected) return null;
  const left = expected - last.done;
  return { lowSeconds: roundSpan(left / (rate * QUICKER)), highSeconds: roundSpan(left / (rate * SLOWER)) };
}

/** Recent seconds weigh more: half as much for every half-minute that has passed. */
function computeWeightedRate(samples: RateSample[], nowMs: number): number | null {
  const recent = samples.filter((sample) => sample.at >= nowMs - SAMPLE_WINDOW_MS);
  const [first] = recent;
  const last = recent.at(-1);
  if (!first || !last || last.at - first.at < ETA_MEMORY_MS) return null;
  let weighted = 0;
  let weights = 0;
  let previous = first;
  for (const sample of [...recent.slice(1), { at: nowMs, done: last.done }]) {
    const seconds = (sample.at - previous.at) / SECOND_MS;
    if (seconds > 0) {
      const weight = seconds * 0.5 ** ((nowMs - (sample.at + previous.at) / 2) / HALF_LIFE_MS);
      weighted += ((sample.done - previous.done) / seconds) * weight;
      weights += weight;
    }
    previous = sample;
  }
  return weights > 0 ? weighted / weights : null;
}

/** As exact as it deserves: 5 s under a minute, 1 min under an hour, 5 min beyond. */
export function roundSpan(seconds: number): number {
  const step = seconds < 60 ? 5 : seconds < 3_600 ? 60 : 300;
  return Math.max(5, Math.round(seconds / step) * step);
}

/** Adds what is now done, at most every two seconds, and forgets what no rate needs. */
export function addRateSample(samples: RateSample[], sample: RateSample): RateSample[] {
  const last = samples.at(-1);
  // The newest sample is always the truth; a young predecessor gives way to it.
  const isYoung =
    last !== undefined && samples.length > 1 && sample.at - (samples.at(-2)?.at ?? 0) < SAMPLE_GAP_MS;
  const kept = isYoung ? samples.slice(0, -1) : samples;
  return [...kept.filter(({ at }) => at >= sample.at - SAMPLE_WINDOW_MS - ETA_MEMORY_MS), sample];
}

/** Where a run stops and resumes, in words: `Feb 21, slice 34 of 58`. */
export function writeCursor(cursor: { day: Date; slice: number; slices: number }): string {
  const day = cursor.day.toLocaleDateString("en-US", { month: "short", day: "numeric", timeZone: "UTC" });
  return `${day}, slice ${cursor.slice.toLocaleString("en-US")} of ${cursor.slices.toLocaleString("en-US")}`;
}
