import { z } from "zod";
import { MessageDirection, Sentiment } from "#server/db/generated/enums.ts";
import { addMs, MINUTE_MS } from "#server/lib/duration.ts";
import { findUnstorable, isStorableTime } from "#server/lib/storable.ts";
import type { ItemFault } from "./decide-lead-input.ts";

export const messageInput = z.strictObject({
  externalId: z.string().trim().min(1).max(200),
  leadEmail: z.string().trim().max(320).pipe(z.email()).optional(),
  leadExternalId: z.string().trim().min(1).max(200).optional(),
  direction: z.enum(MessageDirection),
  at: z.iso
    .datetime({ offset: true })
    .transform((value) => new Date(value))
    .refine(isStorableTime),
  channel: z.string().trim().min(1).max(50).nullable().optional(),
  sentiment: z.enum(Sentiment).nullable().optional(),
  sentLink: z.boolean().optional(),
  /** Taken and dropped: text is never kept. */
  text: z.string().max(100_000).nullable().optional(),
});

export type MessageInput = Omit<z.output<typeof messageInput>, "text">;

export type MessageInputDecision = { ok: true; input: MessageInput } | ({ ok: false } & ItemFault);

/** Clocks differ a little; what lies further ahead was not said yet. */
const CLOCK_TOLERANCE_MS = 5 * MINUTE_MS;

const FAULTS: Record<string, ItemFault> = {
  externalId: {
    code: "bad_external_id",
    message: "externalId names the message and is missing or too long.",
  },
  leadEmail: { code: "bad_email", message: "leadEmail is not an e-mail address." },
  direction: { code: "bad_direction", message: "direction is inbound or outbound." },
  at: { code: "bad_time", message: "at is not an ISO time with its offset." },
  sentiment: { code: "bad_sentiment", message: "sentiment is not a known sentiment." },
};

/** Whether one message can be read; the first fault counts, and none repeats what was given. */
export function decideMessageInput(item: unknown, now: Date): MessageInputDecision {
  const parsed = messageInput.safeParse(item, { reportInput: false });
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    if (issue?.code === "unrecognized_keys") {
      return {
        ok: false,
        code: "unknown_field",
        message: `Unknown fields: ${issue.keys.slice(0, 10).join(", ")}.`,
      };
    }
    const field = issue?.path[0];
    if (field === undefined) return { ok: false, code: "bad_item", message: "A message is an object." };
    const known = FAULTS[String(field)];
    return {
      ok: false,
      ...(known ?? { code: "bad_value", message: `${String(field)} has a value that does not fit.` }),
    };
  }
  const { text: _dropped, ...input } = parsed.data;
  const [unstorable] = findUnstorable(input) ?? [];
  if (unstorable !== undefined) {
    return { ok: false, code: "bad_value", message: `${unstorable} has a character that cannot be kept.` };
  }
  if (!input.leadEmail && !input.leadExternalId) {
    return { ok: false, code: "lead_required", message: "leadEmail or leadExternalId names the lead." };
  }
  if (input.at > addMs(now, CLOCK_TOLERANCE_MS)) {
    return { ok: false, code: "bad_time", message: "at lies in the future." };
  }
  return { ok: true, input };
}
