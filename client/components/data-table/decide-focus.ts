/** Keys of the grid pattern as moves over rows; null for keys that are not a move. */
export type RowMove = "next" | "prev" | "first" | "last" | "page-down" | "page-up";

export function readRowMove(event: { key: string; ctrlKey: boolean; metaKey: boolean }): RowMove | null {
  if (event.key === "Home") return "first";
  if (event.key === "End") return "last";
  if (event.ctrlKey || event.metaKey) return null;
  switch (event.key) {
    case "ArrowDown":
      return "next";
    case "ArrowUp":
      return "prev";
    case "PageDown":
      return "page-down";
    case "PageUp":
      return "page-up";
    default:
      return null;
  }
}

/** The index a move leads to; it stops at both ends. From nowhere (-1), `next` enters at the first row. */
export function decideNextIndex(move: RowMove, current: number, count: number, pageRows: number): number {
  const target = {
    next: current + 1,
    prev: current - 1,
    first: 0,
    last: count - 1,
    "page-down": current + pageRows,
    "page-up": current - pageRows,
  }[move];
  return Math.max(0, Math.min(count - 1, target));
}

/** Which row holds the tab stop: the focused one; if it left, the one that took its place; else the open one; else the first. */
export function decideTabStop(
  ids: readonly string[],
  focused: { id: string; index: number } | null,
  activeId: string | null,
): string | null {
  if (focused && ids.includes(focused.id)) return focused.id;
  if (focused && ids.length > 0) return ids[Math.min(focused.index, ids.length - 1)] ?? null;
  if (activeId !== null && ids.includes(activeId)) return activeId;
  return ids[0] ?? null;
}

/** The selection after Shift joined anchor and target: everything between them in the order shown is added. */
export function decideRange(
  ids: readonly string[],
  selected: ReadonlySet<string>,
  anchorId: string | null,
  targetId: string,
): Set<string> {
  const target = ids.indexOf(targetId);
  const anchor = anchorId === null ? target : ids.indexOf(anchorId);
  // An anchor on another page has no place here: the target alone is added.
  const from = anchor === -1 ? target : Math.min(anchor, target);
  const to = anchor === -1 ? target : Math.max(anchor, target);
  return new Set([...selected, ...ids.slice(from, to + 1)]);
}
