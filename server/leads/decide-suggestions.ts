/** Why a booking without a lead may be this one's, the strongest first. */
export type SuggestionReason = "address" | "tracking" | "phone" | "name" | "company";

export type UnmatchedFacts = {
  /** Lower-cased; one that several leads have is nobody's by itself (R13). */
  address: string | null;
  name: string | null;
  phone: string | null;
  /** What the booking link carried: a customer's own ids, among others. */
  tracking: string[];
};

export type CandidateFacts = {
  leadId: string;
  externalId: string | null;
  /** Lower-cased, its own first, then its aliases. */
  addresses: string[];
  name: string | null;
  phone: string | null;
  company: string | null;
  updatedAt: Date;
};

export type Suggestion = { leadId: string; score: number; reasons: SuggestionReason[] };

/** One strong reason outranks all weaker ones together. */
const WEIGHTS: Record<SuggestionReason, number> = { address: 16, tracking: 8, phone: 4, name: 2, company: 1 };
const MOST = 5;
/** Fewer digits are an extension or a typing error. */
const LEAST_DIGITS = 7;
const COUNTED_DIGITS = 10;

/** Addresses of people, not of companies. */
const PRIVATE_DOMAINS = new Set([
  "aol.com",
  "gmail.com",
  "gmx.de",
  "gmx.net",
  "googlemail.com",
  "hotmail.com",
  "icloud.com",
  "live.com",
  "mail.com",
  "me.com",
  "msn.com",
  "outlook.com",
  "proton.me",
  "protonmail.com",
  "web.de",
  "yahoo.com",
  "ymail.com",
]);

/**
 * R11: whose booking this may be, for a person to confirm; nothing is linked by it. Each suggestion names its reasons, and
 * what has none is no suggestion. Ties go to the lead that was heard of last, then to its id.
 */
export function decideSuggestions(booking: UnmatchedFacts, candidates: CandidateFacts[]): Suggestion[] {
  return candidates
    .flatMap((candidate) => {
      const reasons = findReasons(booking, candidate);
      const score = reasons.reduce((sum, reason) => sum + WEIGHTS[reason], 0);
      return score === 0 ? [] : [{ candidate, score, reasons }];
    })
    .sort(
      (a, b) =>
        b.score - a.score ||
        b.candidate.updatedAt.getTime() - a.candidate.updatedAt.getTime() ||
        (a.candidate.leadId < b.candidate.leadId ? -1 : 1),
    )
    .slice(0, MOST)
    .map(({ candidate, score, reasons }) => ({ leadId: candidate.leadId, score, reasons }));
}

function findReasons(booking: UnmatchedFacts, lead: CandidateFacts): SuggestionReason[] {
  const hasAddress = booking.address !== null && lead.addresses.includes(booking.address);
  const holds: Record<SuggestionReason, boolean> = {
    address: hasAddress,
    tracking: namesLead(booking.tracking, lead),
    phone: isSame(phoneEnd(booking.phone), phoneEnd(lead.phone)),
    name: isSame(plainName(booking.name), plainName(lead.name)),
    // The same address says more already.
    company: !hasAddress && isOfCompany(companyDomain(booking.address), lead),
  };
  // Any object's keys that a Record requires are its type's.
  return (Object.keys(WEIGHTS) as SuggestionReason[]).filter((reason) => holds[reason]);
}

function namesLead(tracking: string[], { leadId, externalId, addresses }: CandidateFacts): boolean {
  return tracking.some(
    (value) => value === leadId || value === externalId || addresses.includes(value.toLowerCase()),
  );
}

/** By the domain of one of its addresses, or by its company's name in one word. */
function isOfCompany(domain: string | null, { addresses, company }: CandidateFacts): boolean {
  if (domain === null) return false;
  return (
    addresses.some((address) => companyDomain(address) === domain) ||
    isSame(plainWord(company), companyWord(domain))
  );
}

/** What a company of this domain is called, in one word. */
export function companyWord(domain: string): string | null {
  return plainWord(domain.split(".")[0] ?? null);
}

function plainWord(text: string | null): string | null {
  return text?.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "") || null;
}

/** What is after the @, where that says more than that somebody has a mailbox. */
export function companyDomain(address: string | null): string | null {
  const domain = address?.split("@")[1]?.toLowerCase() ?? "";
  return domain === "" || PRIVATE_DOMAINS.has(domain) ? null : domain;
}

/** The last ten digits, so that it does not matter how the country is written. */
export function phoneEnd(phone: string | null): string | null {
  const digits = phone?.replace(/\D/g, "") ?? "";
  return digits.length < LEAST_DIGITS ? null : digits.slice(-COUNTED_DIGITS);
}

/** Without letter case and double spaces; one word alone is no name of one person. */
export function plainName(name: string | null): string | null {
  const plain = name?.trim().toLowerCase().replace(/\s+/g, " ") ?? "";
  return plain.includes(" ") ? plain : null;
}

function isSame(a: string | null, b: string | null): boolean {
  return a !== null && a === b;
}
