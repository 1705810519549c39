import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { useStableRows } from "./use-stable-rows.ts";

type Row = { id: string; cell?: string };
const rowsOf = (...ids: string[]): Row[] => ids.map((id) => ({ id }));

function renderRows(fresh: readonly Row[], key = "says booked") {
  const { result, rerender } = renderHook((props) => useStableRows(props.fresh, props.key), {
    initialProps: { fresh, key },
  });
  return {
    stable: () => result.current,
    ids: () => result.current.rows.map(({ id }) => id),
    read: (next: readonly Row[], nextKey = key) => rerender({ fresh: next, key: nextKey }),
  };
}

afterEach(cleanup);

describe("rows that stand still", () => {
  it("keep their order while their cells follow what is read", () => {
    const { stable, ids, read } = renderRows(rowsOf("a", "b"));
    read([{ id: "b", cell: "new" }, { id: "c" }, { id: "a" }]);
    expect(ids()).toEqual(["a", "b"]);
    expect(stable().rows[1]?.cell).toBe("new");
    expect(stable().newCount).toBe(1);
  });

  it("stay without what was settled, whatever an older answer says", () => {
    const { stable, ids, read } = renderRows(rowsOf("a", "b"));
    act(() => stable().remove("a"));
    read(rowsOf("a", "b"));
    expect(ids()).toEqual(["b"]);
    expect(stable().newCount).toBe(0);
  });

  it("stay without what is being settled under another filter too, until the server has it", () => {
    const { stable, ids, read } = renderRows(rowsOf("a", "b"));
    act(() => stable().remove("a"));
    read(rowsOf("a", "c"), "filtered");
    expect(ids()).toEqual(["c"]);
    act(() => stable().settle("a"));
    read(rowsOf("a", "b"), "says booked");
    expect(ids()).toEqual(["a", "b"]);
  });

  it("announce a settled row that somebody brings back as a newcomer", () => {
    const { stable, ids, read } = renderRows(rowsOf("a", "b"));
    act(() => stable().remove("a"));
    act(() => stable().settle("a"));
    read(rowsOf("b"));
    expect(stable().newCount).toBe(0);
    read(rowsOf("a", "b"));
    expect([ids(), stable().newCount]).toEqual([["b"], 1]);
    act(() => stable().reset());
    expect(ids()).toEqual(["a", "b"]);
  });

  it("take a refused row back where it was", () => {
    const { stable, ids } = renderRows(rowsOf("a", "b", "c"));
    act(() => stable().remove("b"));
    act(() => stable().restore("b"));
    expect(ids()).toEqual(["a", "b", "c"]);
  });

  it("begin again for a row that has no place any more", () => {
    const { stable, ids, read } = renderRows(rowsOf("a", "b"));
    read(rowsOf("c"), "filtered");
    read(rowsOf("b", "c"), "filtered");
    act(() => stable().restore("b"));
    expect(ids()).toEqual(["b", "c"]);
  });

  it("begin again when the last one was settled", () => {
    const { stable, ids, read } = renderRows(rowsOf("a"));
    act(() => stable().remove("a"));
    expect(ids()).toEqual([]);
    read(rowsOf("b", "c"));
    expect(ids()).toEqual(["b", "c"]);
  });
});
