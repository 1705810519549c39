import { useCallback, useRef } from "react";
import { decideRange } from "./decide-focus.ts";

/** Ids live outside the table, so a selection survives paging, sorting and live updates. */
export type RowSelection = { ids: ReadonlySet<string>; onChange: (ids: Set<string>) => void };

export function useRowSelection(ids: readonly string[], selection: RowSelection | undefined) {
  const anchor = useRef<string | null>(null);
  const selected = selection?.ids;
  const onChange = selection?.onChange;

  const toggle = useCallback(
    (id: string, isRange: boolean) => {
      if (!selected || !onChange) return;
      if (isRange) {
        onChange(decideRange(ids, selected, anchor.current, id));
        return;
      }
      const next = new Set(selected);
      if (!next.delete(id)) next.add(id);
      anchor.current = id;
      onChange(next);
    },
    [ids, selected, onChange],
  );

  /** Shift with a move: the row left behind and the row reached are both in. */
  const extend = useCallback(
    (fromId: string, toId: string) => {
      if (!selected || !onChange) return;
      if (anchor.current === null || !selected.has(fromId)) anchor.current = fromId;
      onChange(decideRange(ids, selected, anchor.current, toId));
    },
    [ids, selected, onChange],
  );

  const onPage = selected ? ids.filter((id) => selected.has(id)).length : 0;
  const state: "none" | "some" | "all" = onPage === 0 ? "none" : onPage === ids.length ? "all" : "some";

  const togglePage = useCallback(() => {
    if (!selected || !onChange) return;
    const next = new Set(selected);
    for (const id of ids) {
      if (state === "all") next.delete(id);
      else next.add(id);
    }
    onChange(next);
  }, [ids, selected, onChange, state]);

  const clear = useCallback(() => {
    anchor.current = null;
    onChange?.(new Set());
  }, [onChange]);

  return { toggle, extend, togglePage, clear, state };
}
