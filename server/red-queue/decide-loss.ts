import type { Provider } from "#server/db/generated/enums.ts";

/** What happened to the meeting, in the kinds that a setter tells apart before dialing. */
export type LossKind =
  | "canceled_by_lead"
  | "canceled_by_host"
  | "canceled"
  | "declined"
  | "deleted"
  | "no_show"
  | "moved";

export type LossFacts = {
  /** The line's kind: canceled, no_show or moved. */
  line: string;
  provider: Provider;
  canceledByType: string | null;
  cancelReason: string | null;
};

/** HighLevel gives no reason of its own; these two are our words for its states (R4). */
const HIGHLEVEL_WORDS: Record<string, LossKind> = { invalid: "declined", deleted: "deleted" };

/** The kind, and the reason in somebody's own words where they gave one. */
export function decideLoss(facts: LossFacts): { kind: LossKind; quote: string | null } {
  const quote = facts.cancelReason?.trim() || null;
  if (facts.line === "moved") return { kind: "moved", quote };
  if (facts.line === "no_show") return { kind: "no_show", quote: null };
  const word = facts.provider === "highlevel" ? HIGHLEVEL_WORDS[facts.cancelReason ?? ""] : undefined;
  if (word) return { kind: word, quote: null };
  if (facts.canceledByType === "invitee") return { kind: "canceled_by_lead", quote };
  if (facts.canceledByType === "host") return { kind: "canceled_by_host", quote };
  return { kind: "canceled", quote };
}
