import type { Action } from "#client/lib/actions.ts";
import { rankAction } from "./list-palette-groups.ts";

export type KeyGroup = { name: string; actions: { id: string; label: string; keys: readonly string[] }[] };

/** Actions that have a key, by group, in the palette's order: what decides on the open row, the list, every screen. */
export function listKeyGroups(actions: readonly Action[], query: string): KeyGroup[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const groups = new Map<string, KeyGroup>();
  for (const action of [...actions].sort((a, b) => rankAction(a) - rankAction(b))) {
    if (!action.keys?.length || action.scope === "dialog") continue;
    const text = [action.label, action.group, ...(action.synonyms ?? []), ...action.keys]
      .join(" ")
      .toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    const group = groups.get(action.group) ?? { name: action.group, actions: [] };
    group.actions.push({ id: action.id, label: action.label, keys: action.keys });
    groups.set(action.group, group);
  }
  return [...groups.values()];
}
