import { useActions } from "#client/lib/actions.ts";
import type { useRowFocus } from "./use-row-focus.ts";
import type { useRowSelection } from "./use-row-selection.ts";

/** The table's keys as registered actions: the key sheet lists them, and they work while focus is in the panel too. */
export function useRowActions({
  ids,
  group,
  focus,
  select,
  selection,
  selectedCount,
  activeId,
  onOpen,
  onPeek,
  openLabel = "Open row",
}: {
  ids: readonly string[];
  group: string;
  focus: ReturnType<typeof useRowFocus>;
  select: ReturnType<typeof useRowSelection>;
  selection?: unknown;
  selectedCount: number;
  activeId?: string | null;
  onOpen?: ((id: string) => void) | undefined;
  onPeek?: ((id: string) => void) | undefined;
  openLabel?: string | undefined;
}): void {
  const hasRows = ids.length > 0;
  // Before anything had focus, J enters at the open row's neighbour or at the first row.
  const from = focus.focusedId ?? activeId ?? null;
  const current = focus.stopId;
  const base = { scope: "list", group, hidden: true, enabled: hasRows } as const;
  const extend = (direction: "next" | "prev") => {
    const left = current;
    const reached = focus.move(direction, left);
    if (left !== null && reached !== null) select.extend(left, reached);
  };

  useActions([
    {
      ...base,
      id: "row.next",
      label: "Next row",
      keys: ["j"],
      repeats: true,
      run: () => focus.move("next", from),
    },
    {
      ...base,
      id: "row.prev",
      label: "Previous row",
      keys: ["k"],
      repeats: true,
      run: () => focus.move("prev", from),
    },
    ...(onOpen
      ? [
          {
            ...base,
            id: "row.open",
            label: openLabel,
            keys: ["enter"],
            run: () => current && onOpen(current),
          },
        ]
      : []),
    ...(onPeek
      ? [{ ...base, id: "row.peek", label: "Peek", keys: ["space"], run: () => current && onPeek(current) }]
      : []),
    ...(selection
      ? [
          {
            ...base,
            id: "row.select",
            label: "Select row",
            keys: ["x", "shift+space"],
            run: () => current && select.toggle(current, false),
          },
          {
            ...base,
            id: "row.extend-down",
            label: "Extend selection down",
            keys: ["shift+j", "shift+down"],
            repeats: true,
            run: () => extend("next"),
          },
          {
            ...base,
            id: "row.extend-up",
            label: "Extend selection up",
            keys: ["shift+k", "shift+up"],
            repeats: true,
            run: () => extend("prev"),
          },
          {
            ...base,
            id: "row.select-page",
            label: "Select this page",
            keys: ["mod+a"],
            run: select.togglePage,
          },
          {
            ...base,
            id: "row.clear",
            label: "Clear selection",
            keys: ["escape"],
            enabled: selectedCount > 0,
            run: select.clear,
          },
        ]
      : []),
  ]);
}
