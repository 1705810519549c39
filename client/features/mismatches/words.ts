import type { Decision, RouterInput, RouterOutput } from "#client/lib/trpc.ts";
import { DECISIONS, LEAD_STATUSES } from "#client/lib/vocabulary.ts";

export type MismatchList = RouterOutput["mismatches"]["list"];
export type MismatchRow = MismatchList["rows"][number];
export type MismatchDetail = RouterOutput["mismatches"]["get"];
export type Counts = RouterOutput["mismatches"]["counts"];
export type Preview = RouterOutput["mismatches"]["preview"];
export type ReceiptRow = RouterOutput["mismatches"]["receipts"]["rows"][number];
export type ReceiptDetail = RouterOutput["mismatches"]["receipt"];

type DecideInput = RouterInput["mismatches"]["decide"];
export type KeepReason = Extract<DecideInput, { decision: "keep" }>["reason"];
export type ProtectedReason = NonNullable<Extract<DecideInput, { decision: "accept" }>["reason"]>;

export const KEEP_REASONS: Record<KeepReason, { label: string; effect: string }> = {
  booked_elsewhere: { label: "Booked elsewhere", effect: "in a calendar we do not see" },
  confirmed_by_lead: { label: "Confirmed by the lead", effect: "in person or by phone" },
  provider_wrong: { label: "Provider is wrong", effect: "its record does not hold" },
  handled_outside: { label: "Handled outside", effect: "nothing to follow here" },
};

export const PROTECTED_REASONS: Record<ProtectedReason, { label: string; effect: string }> = {
  asked_again: { label: "The lead asked again", effect: "they want to talk after all" },
  set_by_mistake: { label: "Set by mistake", effect: "the protected status was wrong" },
  agreed_with_owner: { label: "Agreed with the owner", effect: "of the account" },
};

/** How a decision reads once made: "Accepted for Dana Ruiz." */
export const DECIDED: Record<Decision, string> = {
  accept: "Accepted provider evidence",
  keep: "Kept the label",
  link: "Linked a meeting",
  recheck: "Re-checked",
  needs_info: "Set aside, needs info",
};

export function describeReason(reason: string): string {
  if (reason in KEEP_REASONS) return KEEP_REASONS[reason as KeepReason].label;
  if (reason in PROTECTED_REASONS) return PROTECTED_REASONS[reason as ProtectedReason].label;
  return reason;
}

/** Why a lead was left out of a decision or of its undo. */
const PROBLEMS: Record<string, string> = {
  changed_since: "changed since you looked",
  lead_gone: "the lead was deleted",
  task_worked_on: "somebody works on its task",
  sequence_moved: "its sequence went on",
  evidence_stale: "evidence too old",
  not_checked: "not checked since the claim",
  decided_meanwhile: "decided meanwhile",
  protected: "protected status",
};

export function describeProblem(problem: string): string {
  return PROBLEMS[problem] ?? problem;
}

/** What accepting makes of the status, per kind. */
export function acceptedStatus(kind: number | null): string {
  if (kind === 1) return LEAD_STATUSES.meeting_requested.label;
  if (kind === 2) return LEAD_STATUSES.meeting_booked.label;
  return LEAD_STATUSES.qualified.label;
}

/** What is suggested first: a moved meeting that wants linking is looked for before anybody links. */
export function suggestedFirst({ suggested, cause }: Pick<MismatchRow, "suggested" | "cause">): Decision {
  return suggested === "link" && cause === "rescheduled_not_linked" ? "recheck" : suggested;
}

/** The suggested decision in the words of the Cause column. */
export function describeSuggestion(row: Pick<MismatchRow, "kind" | "suggested" | "cause">): string {
  const decision = suggestedFirst(row);
  switch (decision) {
    case "accept":
      return acceptedStatus(row.kind);
    case "recheck":
      return "Re-check";
    case "keep":
    case "link":
    case "needs_info":
      return DECISIONS[decision].label.replace("…", "");
    default:
      return decision satisfies never;
  }
}

/** Integrations name channels as they like; the usual ones are written as people write them. */
export function writeChannel(channel: string): string {
  return CHANNELS[channel.toLowerCase()] ?? channel;
}

const CHANNELS: Record<string, string> = {
  email: "E-mail",
  "e-mail": "E-mail",
  sms: "SMS",
  linkedin: "LinkedIn",
  whatsapp: "WhatsApp",
  call: "Call",
  phone: "Phone",
  chat: "Chat",
};

export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}
