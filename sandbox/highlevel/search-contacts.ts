import * as z from "zod";
import { compareText } from "../sorted-index.ts";
import type { World } from "../world.ts";
import type { HighLevelContact } from "../world-types.ts";
import { nameOf } from "./render.ts";

type Filter =
  | { field: string; operator: string; value?: unknown }
  | { group: "AND" | "OR"; filters: Filter[] };

const filterSchema: z.ZodType<Filter> = z.lazy(() =>
  z.union([
    z.object({ group: z.enum(["AND", "OR"]), filters: z.array(filterSchema) }),
    z.object({ field: z.string(), operator: z.string(), value: z.unknown().optional() }),
  ]),
);

export const searchSchema = z.strictObject({
  locationId: z.string().min(1),
  pageLimit: z.int().min(1).max(500),
  page: z.int().min(1).optional(),
  searchAfter: z.tuple([z.union([z.number(), z.string()]), z.string()]).optional(),
  query: z.string().max(75).optional(),
  filters: z.array(filterSchema).optional(),
  sort: z
    .array(z.object({ field: z.string(), direction: z.enum(["asc", "desc"]) }))
    .max(2)
    .optional(),
});

export type ContactSearch = z.infer<typeof searchSchema>;
export type FoundContacts = {
  rows: { contact: HighLevelContact; searchAfter: [number, string] }[];
  total: number;
};

/** A filter the search does not know; HighLevel answers 400 with such a sentence. */
export class UnknownFilter extends Error {}

const TEXT_FIELDS: Record<string, (contact: HighLevelContact) => string | null> = {
  email: (contact) => contact.email,
  phone: (contact) => contact.phone,
  firstNameLowerCase: (contact) => contact.firstName.toLowerCase(),
  lastNameLowerCase: (contact) => contact.lastName.toLowerCase(),
  companyName: (contact) => contact.companyName,
  businessName: () => null,
  source: (contact) => contact.source,
  id: (contact) => contact.id,
};
const DATE_FIELDS: Record<string, (contact: HighLevelContact) => number> = {
  dateAdded: (contact) => contact.addedMs,
  dateUpdated: (contact) => contact.updatedMs,
};

export function searchContacts(world: World, search: ContactSearch): FoundContacts {
  const sort = search.sort?.[0] ?? { field: "dateAdded", direction: "desc" as const };
  const sortValue = DATE_FIELDS[sort.field];
  if (!sortValue) throw new UnknownFilter(`Sort field ${sort.field} is not supported`);
  const filters = search.filters ?? [];
  const words = search.query?.toLowerCase().trim();
  const matches = (contact: HighLevelContact) =>
    filters.every((filter) => passes(contact, filter)) && (!words || containsWords(contact, words));
  const isUnfiltered = filters.length === 0 && !words;

  const sign = sort.direction === "desc" ? -1 : 1;
  const candidates = sortedCandidates(world, search.locationId, filters, sort.field, sign, sortValue);
  const matching = isUnfiltered ? candidates : candidates.filter(matches);
  const start = findStart(matching, search, sign, sortValue);
  const rows = matching.slice(start, start + search.pageLimit).map((contact) => ({
    contact,
    searchAfter: [sortValue(contact), contact.id] as [number, string],
  }));
  return { rows, total: matching.length };
}

/** Sorted copies are kept per location and order until a contact changes: a deep page costs no new sort. */
const sortedCopies = new WeakMap<
  World,
  { version: number; copies: Map<string, readonly HighLevelContact[]> }
>();

function sortedCandidates(
  world: World,
  locationId: string,
  filters: Filter[],
  field: string,
  sign: number,
  sortValue: (contact: HighLevelContact) => number,
): readonly HighLevelContact[] {
  const key = narrowestKey(locationId, filters);
  let kept = sortedCopies.get(world);
  if (kept?.version !== world.contactsVersion) {
    kept = { version: world.contactsVersion, copies: new Map() };
    sortedCopies.set(world, kept);
  }
  const name = `${key} ${field} ${sign}`;
  const known = kept.copies.get(name);
  if (known) return known;
  const copy = [...world.contactsByAdded.rows(key)].sort(
    (a, b) => sign * (sortValue(a) - sortValue(b)) || sign * compareText(a.id, b.id),
  );
  // Only whole locations are worth keeping; a single address is quick to find again.
  if (key.startsWith("location:")) kept.copies.set(name, copy);
  return copy;
}

/** An address asked for exactly is found through its index instead of by looking at everyone. */
function narrowestKey(locationId: string, filters: Filter[]): string {
  for (const filter of filters) {
    if ("group" in filter || filter.operator !== "eq" || typeof filter.value !== "string") continue;
    if (filter.field === "email") return `email:${locationId}:${filter.value.toLowerCase()}`;
    if (filter.field === "phone") return `phone:${locationId}:${filter.value}`;
  }
  return `location:${locationId}`;
}

function findStart(
  rows: readonly HighLevelContact[],
  search: ContactSearch,
  sign: number,
  sortValue: (contact: HighLevelContact) => number,
): number {
  if (search.searchAfter) {
    const [value, id] = search.searchAfter;
    const at = rows.findIndex(
      (row) => sign * (sortValue(row) - Number(value) || compareText(row.id, id)) > 0,
    );
    return at === -1 ? rows.length : at;
  }
  return ((search.page ?? 1) - 1) * search.pageLimit;
}

function containsWords(contact: HighLevelContact, words: string): boolean {
  return [nameOf(contact), contact.email ?? "", contact.phone ?? "", contact.companyName ?? ""].some((text) =>
    text.toLowerCase().includes(words),
  );
}

function passes(contact: HighLevelContact, filter: Filter): boolean {
  if ("group" in filter) {
    return filter.group === "AND"
      ? filter.filters.every((inner) => passes(contact, inner))
      : filter.filters.some((inner) => passes(contact, inner));
  }
  const date = DATE_FIELDS[filter.field];
  if (date) return passesRange(date(contact), filter);
  if (filter.field === "tags")
    return contact.tags.includes(String(filter.value)) === (filter.operator !== "not_eq");
  const read = TEXT_FIELDS[filter.field];
  if (!read) throw new UnknownFilter(`Invalid field ${filter.field} passed in filters`);
  const text = read(contact)?.toLowerCase() ?? null;
  const value = String(filter.value ?? "").toLowerCase();
  const isEmail = filter.field === "email";
  switch (filter.operator) {
    case "eq":
      return text === value;
    case "not_eq":
      return text !== value;
    case "exists":
      return text !== null && text !== "";
    case "not_exists":
      return text === null || text === "";
    case "contains":
      if (!isEmail) return text?.includes(value) ?? false;
      break;
    case "not_contains":
      if (!isEmail) return !(text?.includes(value) ?? false);
      break;
  }
  throw new UnknownFilter(`Invalid operator ${filter.operator} for field ${filter.field}`);
}

const rangeSchema = z.object({
  gt: z.union([z.string(), z.number()]).optional(),
  gte: z.union([z.string(), z.number()]).optional(),
  lt: z.union([z.string(), z.number()]).optional(),
  lte: z.union([z.string(), z.number()]).optional(),
});

function passesRange(value: number, filter: { field: string; operator: string; value?: unknown }): boolean {
  const bounds = rangeSchema.safeParse(filter.value);
  if (filter.operator !== "range" || !bounds.success) {
    throw new UnknownFilter(`Invalid operator ${filter.operator} for field ${filter.field}`);
  }
  const { gt, gte, lt, lte } = bounds.data;
  const instant = (bound: string | number) => (typeof bound === "number" ? bound : Date.parse(bound));
  return (
    (gt === undefined || value > instant(gt)) &&
    (gte === undefined || value >= instant(gte)) &&
    (lt === undefined || value < instant(lt)) &&
    (lte === undefined || value <= instant(lte))
  );
}
