/** PostgreSQL keeps no NUL in a text, and half of a surrogate pair is no character: such a text can only be refused. */
export function isStorableText(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}

const FIRST_YEAR = new Date("0001-01-01T00:00:00.000Z");

/** The database's calendar has no year 0, and JavaScript takes years below 100 for those of the last century. */
export function isStorableTime(date: Date): boolean {
  return date >= FIRST_YEAR;
}

/** Where in a value the first text is that cannot be kept; null where there is none. Names of fields count too. */
export function findUnstorable(value: unknown, path: string[] = []): string[] | null {
  if (typeof value === "string") return isStorableText(value) ? null : path;
  if (typeof value !== "object" || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    if (!isStorableText(key)) return path;
    const found = findUnstorable(inner, [...path, key]);
    if (found) return found;
  }
  return null;
}
