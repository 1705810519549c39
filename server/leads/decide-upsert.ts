import type {
  LeadStatus,
  MessageDirection,
  ResponseMode,
  Sentiment,
  Source,
  TimezoneSource,
} from "#server/db/generated/enums.ts";
import { decideSentiment } from "./decide-sentiment.ts";
import type { LeadInput } from "./lead-input.ts";

/** The columns of a lead that a customer may give, with the times that belong to them. */
export type LeadFields = {
  externalId: string | null;
  email: string;
  firstName: string | null;
  lastName: string | null;
  company: string | null;
  phone: string | null;
  timezone: string | null;
  timezoneSource: TimezoneSource;
  status: LeadStatus;
  statusAt: Date;
  statusSource: Source;
  sentiment: Sentiment;
  sentimentAt: Date;
  lastInboundAt: Date | null;
  lastMessageAt: Date | null;
  lastMessageDirection: MessageDirection | null;
  crmOwnerEmail: string | null;
  highValue: boolean;
  responseMode: ResponseMode;
  autoBook: boolean;
  assignedToId: string | null;
  createdAt: Date;
};

type UpsertFacts = {
  /** Null: a new lead. */
  before: LeadFields | null;
  input: LeadInput;
  /** The e-mail to keep or take; a new lead always has one. */
  email: string;
  /** Resolved from `assignedToEmail`; undefined when the item says nothing. */
  assignedToId: string | null | undefined;
  now: Date;
};

/** What the lead is after this item. Equal values mean that there is nothing to write. */
export function decideUpsert({ before, input, email, assignedToId, now }: UpsertFacts): LeadFields {
  const base = before ?? emptyLead(email, now);
  return {
    ...base,
    externalId: input.externalId ?? base.externalId,
    // The same address in other letters is the same address.
    email: email.toLowerCase() === base.email.toLowerCase() ? base.email : email,
    firstName: orKeep(input.firstName, base.firstName),
    lastName: orKeep(input.lastName, base.lastName),
    company: orKeep(input.company, base.company),
    phone: orKeep(input.phone, base.phone),
    ...decideZone(base, input),
    ...decideStatus(base, input, now),
    ...decideWords(base, input, before === null, now),
    lastInboundAt: later(base.lastInboundAt, input.lastInboundAt),
    ...decideLastMessage(base, input),
    crmOwnerEmail: orKeep(input.crmOwnerEmail?.toLowerCase() ?? input.crmOwnerEmail, base.crmOwnerEmail),
    highValue: input.highValue ?? base.highValue,
    responseMode: input.responseMode ?? base.responseMode,
    autoBook: input.autoBook ?? base.autoBook,
    assignedToId: orKeep(assignedToId, base.assignedToId),
  };
}

function emptyLead(email: string, now: Date): LeadFields {
  return {
    externalId: null,
    email,
    firstName: null,
    lastName: null,
    company: null,
    phone: null,
    timezone: null,
    timezoneSource: "unknown",
    status: "new",
    statusAt: now,
    statusSource: "import",
    sentiment: "new",
    sentimentAt: now,
    lastInboundAt: null,
    lastMessageAt: null,
    lastMessageDirection: null,
    crmOwnerEmail: null,
    highValue: false,
    responseMode: "unknown",
    autoBook: false,
    assignedToId: null,
    createdAt: now,
  };
}

/** A zone that the customer takes back was theirs to take; one that a provider told stays. */
function decideZone(base: LeadFields, { timezone }: LeadInput) {
  if (timezone) return { timezone, timezoneSource: "given" as const };
  const isTakenBack = timezone === null && base.timezoneSource === "given";
  return isTakenBack
    ? { timezone: null, timezoneSource: "unknown" as const }
    : { timezone: base.timezone, timezoneSource: base.timezoneSource };
}

function decideStatus(base: LeadFields, { status }: LeadInput, now: Date) {
  if (status === undefined || status === base.status) {
    return { status: base.status, statusAt: base.statusAt, statusSource: base.statusSource };
  }
  return { status, statusAt: now, statusSource: "import" as const };
}

function decideWords(base: LeadFields, { sentiment, sentimentAt }: LeadInput, isNew: boolean, now: Date) {
  const kept = { sentiment: base.sentiment, sentimentAt: base.sentimentAt };
  if (sentiment === undefined) return kept;
  const at = sentimentAt ?? now;
  if (isNew) return { sentiment, sentimentAt: at > now ? now : at };
  return decideSentiment(base, { sentiment, at }, now) ?? kept;
}

/** The direction belongs to the last message: an older one does not change it. */
function decideLastMessage(base: LeadFields, input: LeadInput) {
  const isOlder = Boolean(
    input.lastMessageAt && base.lastMessageAt && input.lastMessageAt < base.lastMessageAt,
  );
  return {
    lastMessageAt: later(base.lastMessageAt, input.lastMessageAt),
    lastMessageDirection: isOlder
      ? base.lastMessageDirection
      : (input.lastMessageDirection ?? base.lastMessageDirection),
  };
}

function later(known: Date | null, given: Date | null | undefined): Date | null {
  if (!given) return known;
  return known && known >= given ? known : given;
}

function orKeep<T>(given: T | undefined, kept: T): T {
  return given === undefined ? kept : given;
}
