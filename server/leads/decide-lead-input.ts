import type { z } from "zod";
import { addMs, MINUTE_MS } from "#server/lib/duration.ts";
import { findUnstorable } from "#server/lib/storable.ts";
import { type LeadInput, leadInputSchema } from "./lead-input.ts";

export type ItemFault = { code: string; message: string };

export type InputDecision = { ok: true; input: LeadInput } | ({ ok: false } & ItemFault);

/** Clocks differ a little; what lies further ahead was not said yet. */
const CLOCK_TOLERANCE_MS = 5 * MINUTE_MS;

const TIMES = ["sentimentAt", "lastInboundAt", "lastMessageAt"] as const;

/** A stable word and a sentence per field: programs branch on the one, people read the other. */
const FAULTS: Record<string, ItemFault> = {
  email: { code: "bad_email", message: "email is not an e-mail address." },
  aliases: { code: "bad_email", message: "aliases holds something that is not an e-mail address." },
  crmOwnerEmail: { code: "bad_email", message: "crmOwnerEmail is not an e-mail address." },
  assignedToEmail: { code: "bad_email", message: "assignedToEmail is not an e-mail address." },
  timezone: { code: "bad_timezone", message: "timezone is not the name of a time zone." },
  sentimentAt: { code: "bad_time", message: "sentimentAt is not an ISO time with its offset." },
  lastInboundAt: { code: "bad_time", message: "lastInboundAt is not an ISO time with its offset." },
  lastMessageAt: { code: "bad_time", message: "lastMessageAt is not an ISO time with its offset." },
  status: { code: "bad_status", message: "status is not a lead status." },
  sentiment: { code: "bad_sentiment", message: "sentiment is not a known sentiment." },
};

/** Whether one item of an upsert can be read; the first fault counts. */
export function decideLeadInput(item: unknown, now: Date): InputDecision {
  const parsed = leadInputSchema.safeParse(item, { reportInput: false });
  if (!parsed.success) return { ok: false, ...describeIssue(parsed.error.issues[0]) };
  const input = parsed.data;
  const [unstorable] = findUnstorable(input) ?? [];
  if (unstorable !== undefined) {
    return { ok: false, code: "bad_value", message: `${unstorable} has a character that cannot be kept.` };
  }
  const limit = addMs(now, CLOCK_TOLERANCE_MS);
  for (const field of TIMES) {
    const at = input[field];
    if (at && at > limit) return { ok: false, code: "bad_time", message: `${field} lies in the future.` };
  }
  return { ok: true, input };
}

function describeIssue(issue: z.core.$ZodIssue | undefined): ItemFault {
  if (issue?.code === "unrecognized_keys") {
    return { code: "unknown_field", message: `Unknown fields: ${issue.keys.slice(0, 10).join(", ")}.` };
  }
  const field = issue?.path[0];
  if (field === undefined) return { code: "bad_item", message: "A lead is an object." };
  return (
    FAULTS[String(field)] ?? { code: "bad_value", message: `${String(field)} has a value that does not fit.` }
  );
}
