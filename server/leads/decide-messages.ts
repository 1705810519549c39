import type { MessageDirection, Sentiment } from "#server/db/generated/enums.ts";
import { isStorableText } from "#server/lib/storable.ts";
import type { ItemFault } from "./decide-lead-input.ts";
import { decideSentiment } from "./decide-sentiment.ts";
import { decideMessageInput, type MessageInput } from "./message-input.ts";

/** What messages change about a lead. */
type TalkFields = {
  sentiment: Sentiment;
  sentimentAt: Date;
  lastInboundAt: Date | null;
  lastMessageAt: Date | null;
  lastMessageDirection: MessageDirection | null;
  lastMessageChannel: string | null;
  linkSentAt: Date | null;
};

export type TalkLead = TalkFields & {
  id: string;
  externalId: string | null;
  emailKey: string;
  createdAt: Date;
};

export type MessageResult =
  | { index: number; externalId: string | null; result: "accepted" | "duplicate" }
  | ({ index: number; externalId: string | null; result: "error" } & ItemFault);

export type MessagePlan = {
  results: MessageResult[];
  accepted: { leadId: string; input: MessageInput }[];
  /** Leads that differ from before, as they are afterwards. */
  leads: { before: TalkLead; after: TalkLead }[];
};

/**
 * Which messages are new, whose they are, and what they change, told in the order in which they were said: a request
 * may bring them in any. A message that is known already changes nothing, whatever else it says now.
 */
export function decideMessages(
  known: { leads: TalkLead[]; externalIds: ReadonlySet<string> },
  items: unknown[],
  now: Date,
): MessagePlan {
  const seen = new Set(known.externalIds);
  const results: MessageResult[] = [];
  const accepted: MessagePlan["accepted"] = [];
  items.forEach((item, index) => {
    const read = decideMessageInput(item, now);
    const externalId = read.ok ? read.input.externalId : readExternalId(item);
    if (!read.ok) {
      results.push({ index, externalId, result: "error", code: read.code, message: read.message });
      return;
    }
    if (seen.has(read.input.externalId)) {
      results.push({ index, externalId, result: "duplicate" });
      return;
    }
    const owner = findOwner(known.leads, read.input);
    if (!owner.ok) {
      results.push({ index, externalId, result: "error", code: owner.code, message: owner.message });
      return;
    }
    seen.add(read.input.externalId);
    accepted.push({ leadId: owner.leadId, input: read.input });
    results.push({ index, externalId, result: "accepted" });
  });
  return { results, accepted, leads: applyAll(known.leads, accepted, now) };
}

function applyAll(leads: TalkLead[], accepted: MessagePlan["accepted"], now: Date): MessagePlan["leads"] {
  const after = new Map<string, TalkLead>();
  const byId = new Map(leads.map((lead) => [lead.id, lead]));
  for (const { leadId, input } of accepted.toSorted((a, b) => a.input.at.getTime() - b.input.at.getTime())) {
    const lead = after.get(leadId) ?? byId.get(leadId);
    if (lead) after.set(leadId, applyMessage(lead, input, now));
  }
  return [...after.values()].flatMap((lead) => {
    const before = byId.get(lead.id);
    return before && hasMoved(before, lead) ? [{ before, after: lead }] : [];
  });
}

/** Older messages add to history and change nothing that is newer (R22). */
function applyMessage(lead: TalkLead, message: MessageInput, now: Date): TalkLead {
  const at = message.at > now ? now : message.at;
  const isLast = lead.lastMessageAt === null || at >= lead.lastMessageAt;
  const said = message.sentiment ? decideSentiment(lead, { sentiment: message.sentiment, at }, now) : null;
  return {
    ...lead,
    ...said,
    ...(isLast
      ? {
          lastMessageAt: at,
          lastMessageDirection: message.direction,
          lastMessageChannel: message.channel ?? null,
        }
      : {}),
    lastInboundAt: message.direction === "inbound" ? later(lead.lastInboundAt, at) : lead.lastInboundAt,
    linkSentAt: message.sentLink ? later(lead.linkSentAt, at) : lead.linkSentAt,
  };
}

type Owner = { ok: true; leadId: string } | ({ ok: false } & ItemFault);

/** The external id names one lead; an e-mail may be several leads', and then somebody else must say which. */
function findOwner(leads: TalkLead[], { leadExternalId, leadEmail }: MessageInput): Owner {
  const key = leadEmail?.toLowerCase();
  const found = leadExternalId
    ? leads.filter((lead) => lead.externalId === leadExternalId)
    : leads.filter((lead) => lead.emailKey === key);
  const [lead, ...others] = found;
  if (!lead) return { ok: false, code: "unknown_lead", message: "There is no such lead." };
  if (others.length > 0) {
    return {
      ok: false,
      code: "ambiguous_email",
      message: "More than one lead has this email: name one by leadExternalId.",
    };
  }
  return { ok: true, leadId: lead.id };
}

function readExternalId(item: unknown): string | null {
  if (typeof item !== "object" || item === null || !("externalId" in item)) return null;
  const { externalId } = item;
  return typeof externalId === "string" && isStorableText(externalId)
    ? externalId.slice(0, 200).toWellFormed()
    : null;
}

function later(known: Date | null, given: Date): Date {
  return known && known >= given ? known : given;
}

function hasMoved(before: TalkLead, after: TalkLead): boolean {
  return (Object.keys(after) as (keyof TalkLead)[]).some(
    (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  );
}
