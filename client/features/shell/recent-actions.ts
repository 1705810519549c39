const STORAGE_KEY = "bookproof:recent-actions";
const LIMIT = 4;

/** Ids of the actions last chosen in the palette, the newest first. */
export function readRecentActions(): string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "[]");
    return Array.isArray(stored) ? stored.filter((id) => typeof id === "string") : [];
  } catch {
    return [];
  }
}

export function rememberAction(id: string): void {
  try {
    const next = [id, ...readRecentActions().filter((each) => each !== id)].slice(0, LIMIT);
    localStorage.setItem(STORAGE_KEY, JSON.stringify(next));
  } catch {
    // Without storage there is simply no recent section.
  }
}
