import { HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";

/** A preview older than this has to be looked at again before it may be applied. */
export const PREVIEW_LASTS_MS = 30 * MINUTE_MS;

/** How long a receipt can be taken back. */
export const UNDO_LASTS_MS = 24 * HOUR_MS;

/** More leads than this are committed only with their number typed. */
export const TYPED_COUNT_ABOVE = 5_000;

/** Leads per transaction: short enough for a first sign of life within half a second and for others to get a turn. */
export const CHUNK = 1_000;
export const FIRST_CHUNK = 200;

/** Decisions on more leads than this are undone by a job. */
export const UNDO_AT_ONCE = 50;
