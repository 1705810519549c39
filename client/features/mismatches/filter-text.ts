import type { MismatchCause, Provider } from "#client/lib/trpc.ts";
import { MISMATCH_CAUSES, PROVIDERS } from "#client/lib/vocabulary.ts";
import type { ListTab } from "./tabs.ts";

/** The filters as the URL holds them: each a word, each also a token of the filter box and a chip. */
export type FilterWords = {
  cause?: string | undefined;
  age?: string | undefined;
  provider?: string | undefined;
  owner?: string | undefined;
  protected?: string | undefined;
  q?: string | undefined;
};

export const FILTER_KEYS = ["cause", "age", "provider", "owner", "protected"] as const;
export type FilterKey = (typeof FILTER_KEYS)[number];

/** `cause:`, `age:`, … or a bare word; quotes hold several words together. */
const TOKEN = /(?:(\w+):)?(?:"([^"]*)"?|(\S+))/g;

/**
 * What a person typed, as words of the URL. A token whose value means nothing to us is searched for as text, so that
 * nothing typed is silently dropped. `lead:"dana"` and bare words are the same search.
 */
export function parseFilterText(text: string): FilterWords {
  const words: FilterWords = {};
  const rest: string[] = [];
  for (const [whole, key, quoted, bare] of text.matchAll(TOKEN)) {
    const value = (quoted ?? bare ?? "").trim();
    if (value === "") continue;
    const name = FILTER_KEYS.find((each) => each === key?.toLowerCase());
    if (name && isMeaningful(name, value)) words[name] = value.toLowerCase();
    else if (key?.toLowerCase() === "lead" || !key) rest.push(value);
    else rest.push(whole.trim());
  }
  if (rest.length > 0) words.q = rest.join(" ");
  return words;
}

export function writeFilterText(words: FilterWords): string {
  const tokens = FILTER_KEYS.flatMap((key) => (words[key] ? [`${key}:${quote(words[key])}`] : []));
  if (words.q) tokens.push(`lead:${quote(words.q)}`);
  return tokens.join(" ");
}

function quote(value: string): string {
  return /\s/.test(value) ? `"${value}"` : value;
}

function isMeaningful(key: FilterKey, value: string): boolean {
  switch (key) {
    case "cause":
      return value.split(",").every((each) => each.toLowerCase() in MISMATCH_CAUSES);
    case "age":
      return readAge(value) !== null;
    case "provider":
      return value.toLowerCase() in PROVIDERS;
    case "protected":
      return ["yes", "no"].includes(value.toLowerCase());
    case "owner":
      return true;
    default:
      return key satisfies never;
  }
}

/** `<7d` younger than a week, `>30d` older than a month; hours too. */
function readAge(text: string): { op: "<" | ">"; days: number } | null {
  const [, op, count, unit] = /^([<>])(\d{1,4})([hd])$/i.exec(text) ?? [];
  if (!op || !count || !unit) return null;
  return { op: op === "<" ? "<" : ">", days: Number(count) / (unit.toLowerCase() === "h" ? 24 : 1) };
}

/** The words as the server takes them; what a hand-written URL got wrong is left out. */
export function toFilter(tab: ListTab, words: FilterWords) {
  const cause = words.cause?.split(",").filter((each): each is MismatchCause => each in MISMATCH_CAUSES);
  const age = words.age ? readAge(words.age) : null;
  return {
    tab,
    ...(cause?.length ? { cause } : {}),
    ...(age ? { age } : {}),
    ...(words.provider && words.provider in PROVIDERS ? { provider: words.provider as Provider } : {}),
    ...(words.protected === "yes" || words.protected === "no"
      ? { isProtected: words.protected === "yes" }
      : {}),
    ...(words.owner ? { owner: words.owner } : {}),
    ...(words.q ? { q: words.q } : {}),
  };
}

export function hasFilter(words: FilterWords): boolean {
  return words.q !== undefined || FILTER_KEYS.some((key) => words[key] !== undefined);
}

/** A chip's text: "Link sent, never used", "age <7d". */
export function describeWord(key: FilterKey, value: string): string {
  if (key === "cause") {
    return value
      .split(",")
      .map((each) => (each in MISMATCH_CAUSES ? MISMATCH_CAUSES[each as MismatchCause].label : each))
      .join(", ");
  }
  if (key === "provider" && value in PROVIDERS) return PROVIDERS[value as Provider].label;
  if (key === "protected") return value === "yes" ? "protected" : "not protected";
  return `${key} ${value}`;
}
