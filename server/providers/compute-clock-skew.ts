import { SECOND_MS } from "#server/lib/duration.ts";

/**
 * How far our clock is ahead of the provider's (behind, below zero), as far as one answer proves it: its `Date` names
 * the second in which it was written, somewhere between our sending and our receiving. A slow answer proves less, and
 * never more than there is. Null without a date.
 */
export function computeClockSkewMs(exchange: {
  sentAt: Date;
  receivedAt: Date;
  date: string | null;
}): number | null {
  const theirs = exchange.date === null ? Number.NaN : Date.parse(exchange.date);
  if (Number.isNaN(theirs)) return null;
  const ahead = exchange.sentAt.getTime() - (theirs + SECOND_MS);
  const behind = exchange.receivedAt.getTime() - theirs;
  if (ahead > 0) return ahead;
  return Math.min(behind, 0);
}
