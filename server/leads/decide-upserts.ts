import { decideLeadInput, type ItemFault } from "./decide-lead-input.ts";
import { decideUpsert, type LeadFields } from "./decide-upsert.ts";
import type { LeadInput } from "./lead-input.ts";

/** A lead as it is, or as this request makes it. */
export type LeadDraft = {
  /** Null until it is saved. */
  id: string | null;
  version: number;
  /** As loaded; null for a new lead. */
  before: LeadFields | null;
  fields: LeadFields;
  aliases: Set<string>;
  addedAliases: Set<string>;
  addedContacts: Set<string>;
};

export type KnownLeads = {
  /** Every lead that an item's external id or e-mail could mean. */
  leads: LeadDraft[];
  /** Owner of each HighLevel contact id that an item names. */
  contactOwners: Map<string, string>;
  /** User id of every member, by lower-cased e-mail. */
  members: Map<string, string>;
};

export type UpsertResults = {
  created: number;
  updated: number;
  unchanged: number;
  errors: (ItemFault & { index: number })[];
};

export type UpsertPlan = UpsertResults & {
  /** Leads to be written: new, or different from before. */
  drafts: LeadDraft[];
};

/**
 * Goes through the items in their order, each seeing what the ones before it did, so that a lead named twice in one
 * request ends as if it had been sent twice. A bad item is named and skips nothing but itself.
 *
 * Identity: the external id; without one that is known, the e-mail. A lead with another external id is another person,
 * even under the same e-mail (R13).
 */
export function decideUpserts(known: KnownLeads, items: unknown[], now: Date): UpsertPlan {
  const index = indexLeads(known);
  const results: UpsertResults = { created: 0, updated: 0, unchanged: 0, errors: [] };
  const touched = new Set<LeadDraft>();
  items.forEach((item, position) => {
    const read = decideLeadInput(item, now);
    const outcome = read.ok ? applyItem(index, read.input, now) : read;
    if (!outcome.ok) {
      results.errors.push({ index: position, code: outcome.code, message: outcome.message });
      return;
    }
    results[outcome.outcome] += 1;
    if (outcome.outcome !== "unchanged") touched.add(outcome.draft);
  });
  return { ...results, drafts: [...touched] };
}

type Index = {
  byExternalId: Map<string, LeadDraft>;
  byEmail: Map<string, Set<LeadDraft>>;
  contactOwners: Map<string, LeadDraft | "elsewhere">;
  members: Map<string, string>;
};

function indexLeads({ leads, contactOwners, members }: KnownLeads): Index {
  const index: Index = { byExternalId: new Map(), byEmail: new Map(), contactOwners: new Map(), members };
  const byId = new Map(leads.map((draft) => [draft.id, draft]));
  for (const draft of leads) addToIndex(index, draft);
  for (const [contactId, leadId] of contactOwners) {
    index.contactOwners.set(contactId, byId.get(leadId) ?? "elsewhere");
  }
  return index;
}

function addToIndex({ byExternalId, byEmail }: Index, draft: LeadDraft): void {
  if (draft.fields.externalId !== null) byExternalId.set(draft.fields.externalId, draft);
  const key = draft.fields.email.toLowerCase();
  byEmail.set(key, (byEmail.get(key) ?? new Set()).add(draft));
}

type ItemOutcome =
  | { ok: true; outcome: "created" | "updated" | "unchanged"; draft: LeadDraft }
  | ({ ok: false } & ItemFault);

function applyItem(index: Index, input: LeadInput, now: Date): ItemOutcome {
  const target = findTarget(index, input);
  if (!target.ok) return target;
  const { draft } = target;
  const email = input.email ?? draft?.fields.email;
  if (email === undefined) return fault("bad_email", "A new lead needs an email.");

  const assignee = resolveAssignee(index, input);
  if (!assignee.ok) return assignee;
  const owner = input.ghlContactId ? index.contactOwners.get(input.ghlContactId) : undefined;
  if (owner && owner !== draft) return fault("contact_taken", "ghlContactId belongs to another lead.");

  const before = draft?.fields ?? null;
  const after = decideUpsert({ before, input, email, assignedToId: assignee.userId, now });
  const saved = draft ?? newDraft(after);
  const hasChanged = !draft || hasMoved(draft.fields, after);
  moveInIndex(index, saved, after);
  const hasAddresses = addAliases(saved, before, after, input);
  const hasContact = addContact(index, saved, input);
  const isChanged = hasChanged || hasAddresses || hasContact;
  return { ok: true, outcome: draft ? (isChanged ? "updated" : "unchanged") : "created", draft: saved };
}

type Target = { ok: true; draft: LeadDraft | null } | ({ ok: false } & ItemFault);

function findTarget({ byExternalId, byEmail }: Index, { externalId, email }: LeadInput): Target {
  const named = externalId ? byExternalId.get(externalId) : undefined;
  if (named) return { ok: true, draft: named };
  const sameAddress = email ? [...(byEmail.get(email.toLowerCase()) ?? [])] : [];
  const candidates = externalId ? sameAddress.filter((d) => d.fields.externalId === null) : sameAddress;
  if (candidates.length > 1) {
    return fault("ambiguous_email", "More than one lead has this email: name one by externalId.");
  }
  return { ok: true, draft: candidates[0] ?? null };
}

function resolveAssignee(
  { members }: Index,
  { assignedToEmail }: LeadInput,
): { ok: true; userId: string | null | undefined } | ({ ok: false } & ItemFault) {
  if (!assignedToEmail) return { ok: true, userId: assignedToEmail };
  const userId = members.get(assignedToEmail.toLowerCase());
  return userId
    ? { ok: true, userId }
    : fault("unknown_member", "assignedToEmail is not a member of this workspace.");
}

function newDraft(fields: LeadFields): LeadDraft {
  return {
    id: null,
    version: 0,
    before: null,
    fields,
    aliases: new Set(),
    addedAliases: new Set(),
    addedContacts: new Set(),
  };
}

function moveInIndex(index: Index, draft: LeadDraft, after: LeadFields): void {
  index.byEmail.get(draft.fields.email.toLowerCase())?.delete(draft);
  draft.fields = after;
  addToIndex(index, draft);
}

/**
 * A customer's further addresses are added, never taken away: a person may have confirmed others. An address that the
 * lead gives up stays with it as well, so that what was booked under it is still theirs.
 */
function addAliases(
  draft: LeadDraft,
  before: LeadFields | null,
  after: LeadFields,
  { aliases = [] }: LeadInput,
): boolean {
  const own = after.email.toLowerCase();
  const given = [...aliases, ...(before ? [before.email] : [])].map((address) => address.toLowerCase());
  const added = given.filter((key) => key !== own && !draft.aliases.has(key));
  for (const key of added) {
    draft.aliases.add(key);
    draft.addedAliases.add(key);
  }
  return added.length > 0;
}

function addContact({ contactOwners }: Index, draft: LeadDraft, { ghlContactId }: LeadInput): boolean {
  if (!ghlContactId || contactOwners.get(ghlContactId) === draft) return false;
  contactOwners.set(ghlContactId, draft);
  draft.addedContacts.add(ghlContactId);
  return true;
}

function hasMoved(before: LeadFields, after: LeadFields): boolean {
  return (Object.keys(after) as (keyof LeadFields)[]).some(
    (key) => toPlain(before[key]) !== toPlain(after[key]),
  );
}

function toPlain(value: LeadFields[keyof LeadFields]): unknown {
  return value instanceof Date ? value.getTime() : value;
}

function fault(code: string, message: string): { ok: false } & ItemFault {
  return { ok: false, code, message };
}
