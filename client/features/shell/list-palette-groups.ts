import type { Action } from "#client/lib/actions.ts";

export type PaletteItem = {
  id: string;
  label: string;
  hint: string | null;
  keys: string | null;
  isOff: boolean;
  run: () => void;
};
export type PaletteGroup = { value: string; items: PaletteItem[] };

/**
 * What the palette offers for a query. Without one: what was used lately, then everything. Local actions (panel, list)
 * come before those of every screen, because they belong to what is in front of the person.
 */
export function listPaletteGroups(
  actions: readonly Action[],
  query: string,
  recentIds: readonly string[],
): PaletteGroup[] {
  const offered = actions.filter((action) => !action.hidden && action.scope !== "dialog");
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const matching = offered.filter((action) => {
    const text = [action.label, action.group, ...(action.synonyms ?? [])].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const groups = new Map<string, Action[]>();
  for (const action of [...matching].sort((a, b) => rankAction(a) - rankAction(b))) {
    groups.set(action.group, [...(groups.get(action.group) ?? []), action]);
  }
  const recent =
    words.length > 0 ? [] : recentIds.flatMap((id) => offered.filter((action) => action.id === id));
  return [
    ...(recent.length > 0
      ? [{ value: "Recent", items: recent.map((action) => toItem(action, "recent")) }]
      : []),
    ...[...groups].map(([value, members]) => ({
      value,
      items: members.map((action) => toItem(action, value)),
    })),
  ];
}

export function rankAction(action: Action): number {
  if (action.group === "Preferences") return 3;
  return { panel: 0, list: 1, global: 2, dialog: 4 }[action.scope];
}

function toItem(action: Action, group: string): PaletteItem {
  const isOff = action.enabled === false;
  return {
    id: `${group}:${action.id}`,
    label: action.label,
    hint: (isOff ? action.reason : action.effect) ?? null,
    keys: action.keys?.[0] ?? null,
    isOff,
    run: action.run,
  };
}
