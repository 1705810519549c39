import {
  type KeyboardEvent,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { decideNextIndex, decideTabStop, type RowMove, readRowMove } from "./decide-focus.ts";

const CONTROLS = "a[href], button, input, select, textarea, [tabindex]";

/**
 * One tab stop over all rows. When the focused row leaves, focus goes to the row that took its place, or to the empty
 * state's heading; it never falls to the body.
 */
export function useRowFocus({
  ids,
  activeId,
  onMove,
}: {
  ids: readonly string[];
  activeId: string | null;
  onMove: ((id: string) => void) | undefined;
}) {
  const container = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState<{ id: string; index: number } | null>(null);
  const hadFocus = useRef(false);
  const stopId = decideTabStop(ids, focused, activeId);

  const findRow = useCallback((id: string) => {
    const rows = container.current?.querySelectorAll<HTMLElement>("tr[data-row-id]") ?? [];
    return [...rows].find((row) => row.dataset.rowId === id) ?? null;
  }, []);

  const focusRow = useCallback(
    (id: string) => {
      const row = findRow(id);
      row?.focus({ preventScroll: true });
      row?.scrollIntoView({ block: "nearest" });
    },
    [findRow],
  );

  // Browsers fire no blur when the focused element is removed, so leaving is noticed by focus arriving elsewhere.
  useEffect(() => {
    const notice = (event: FocusEvent) => {
      hadFocus.current = container.current?.contains(event.target as Node) ?? false;
    };
    document.addEventListener("focusin", notice);
    return () => document.removeEventListener("focusin", notice);
  }, []);

  useLayoutEffect(() => {
    if (!focused || ids.includes(focused.id)) return;
    const isLost = hadFocus.current && !container.current?.contains(document.activeElement);
    if (stopId !== null) {
      setFocused({ id: stopId, index: ids.indexOf(stopId) });
      if (isLost) focusRow(stopId);
    } else if (isLost) {
      container.current?.querySelector<HTMLElement>("[data-empty-heading]")?.focus();
    }
  }, [ids, focused, stopId, focusRow]);

  const move = useCallback(
    (direction: RowMove, from: string | null) => {
      const current = from === null ? -1 : ids.indexOf(from);
      const rowHeight = (stopId && findRow(stopId)?.offsetHeight) || 48;
      const pageRows = Math.max(1, Math.floor((container.current?.clientHeight ?? 0) / rowHeight) - 1);
      const id = ids[decideNextIndex(direction, current, ids.length, pageRows)];
      if (id === undefined) return null;
      focusRow(id);
      if (id !== from) onMove?.(id);
      return id;
    },
    [ids, stopId, findRow, focusRow, onMove],
  );

  const handleFocus = useCallback((id: string, index: number) => setFocused({ id, index }), []);

  const handleKeyDown = useCallback(
    (event: KeyboardEvent<HTMLElement>) => {
      const target = event.target as HTMLElement;
      const row = target.closest<HTMLElement>("tr[data-row-id]");
      const id = row?.dataset.rowId;
      if (!row || id === undefined) return;
      if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
        if (moveInRow(row, target, event.key === "ArrowRight")) event.preventDefault();
        return;
      }
      if (target !== row && target.matches("input, select, textarea")) return;
      const direction = event.shiftKey ? null : readRowMove(event);
      if (!direction) return;
      event.preventDefault();
      move(direction, id);
    },
    [move],
  );

  return {
    container: container as RefObject<HTMLDivElement>,
    stopId,
    focusedId: focused?.id ?? null,
    focusRow,
    move,
    handleFocus,
    handleKeyDown,
    hasFocus: () => hadFocus.current,
  };
}

/** Right steps into the row's controls and on through them, Left steps back and out to the row. */
function moveInRow(row: HTMLElement, from: HTMLElement, isForward: boolean): boolean {
  const stops = [row, ...row.querySelectorAll<HTMLElement>(CONTROLS)];
  const next = stops[stops.indexOf(from) + (isForward ? 1 : -1)];
  next?.focus();
  return next !== undefined;
}

/** Takes a row's controls out of the tab order: Tab passes the whole list in one step, Right reaches them. */
export function removeFromTabOrder(row: HTMLElement): void {
  for (const control of row.querySelectorAll<HTMLElement>(CONTROLS)) control.tabIndex = -1;
}
