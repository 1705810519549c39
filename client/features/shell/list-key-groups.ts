import type { Action } from "#client/lib/actions.ts";

export type KeyGroup = { name: string; actions: { id: string; label: string; keys: readonly string[] }[] };

/** Actions that have a key, by group; groups of the current screen (list, panel) before those of every screen. */
export function listKeyGroups(actions: readonly Action[], query: string): KeyGroup[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const groups = new Map<string, { isLocal: boolean; group: KeyGroup }>();
  for (const action of actions) {
    if (!action.keys?.length || action.scope === "dialog") continue;
    const text = [action.label, action.group, ...(action.synonyms ?? []), ...action.keys]
      .join(" ")
      .toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    const entry = groups.get(action.group) ?? {
      isLocal: false,
      group: { name: action.group, actions: [] },
    };
    entry.isLocal ||= action.scope !== "global";
    entry.group.actions.push({ id: action.id, label: action.label, keys: action.keys });
    groups.set(action.group, entry);
  }
  return [...groups.values()]
    .sort((a, b) => Number(b.isLocal) - Number(a.isLocal))
    .map((entry) => entry.group);
}
