import type { LeadStatus, Sentiment } from "#server/db/generated/enums.ts";

/** Who gets nothing, in the words in which an enrolment is refused and an instance stopped. */
export type SilenceReason = "lead_blacklisted" | "lead_unqualified" | "lead_not_interested" | "lead_snoozed";

/**
 * R28: whether a lead itself asks to be left alone, whatever its meetings say; null when it does not. `canceled` is for
 * good: nothing that ran goes on later. A snoozed lead is left alone for now, and what waits for it goes on afterwards.
 */
export type Silence = { status: "canceled" | "paused"; reason: SilenceReason };

export function decideSilence(lead: { status: LeadStatus; sentiment: Sentiment }): Silence | null {
  const { status, sentiment } = lead;
  if (status === "blacklisted" || sentiment === "blacklist") return forGood("lead_blacklisted");
  if (status === "unqualified") return forGood("lead_unqualified");
  if (status === "not_interested" || sentiment === "not_interested") return forGood("lead_not_interested");
  return sentiment === "snoozed" ? { status: "paused", reason: "lead_snoozed" } : null;
}

function forGood(reason: SilenceReason): Silence {
  return { status: "canceled", reason };
}
