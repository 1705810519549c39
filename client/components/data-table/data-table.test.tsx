import { act, cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { useState } from "react";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { EmptyState } from "#client/components/ui/empty-state.tsx";
import { useActionKeys } from "#client/lib/actions.ts";
import { DataTable, type DataTableProps } from "./data-table.tsx";

type Lead = { id: string; name: string };

const COLUMNS = [
  { id: "name", header: "Lead", isSortable: true, cell: (lead: Lead) => lead.name },
  { id: "call", header: "Phone", cell: (lead: Lead) => <a href={`tel:${lead.id}`}>Call {lead.name}</a> },
];
const LEADS = ["Dana", "Omar", "Priya", "Tom", "Lucía"].map((name, index) => ({ id: `lead-${index}`, name }));
const rowId = (lead: Lead) => lead.id;
const rowLabel = (lead: Lead) => `${lead.name}, canceled`;

function Table(props: Partial<DataTableProps<Lead>>) {
  useActionKeys();
  return (
    <DataTable
      label="Leads"
      group="Leads"
      columns={COLUMNS}
      rows={LEADS}
      rowId={rowId}
      rowLabel={rowLabel}
      empty={<EmptyState title="Queue clear." />}
      {...props}
    />
  );
}

function Selectable(props: Partial<DataTableProps<Lead>>) {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  return <Table {...props} selection={{ ids, onChange: setIds }} />;
}

const row = (name: string) => screen.getByRole("row", { name: `${name}, canceled` });
const focusedName = () => document.activeElement?.getAttribute("aria-label")?.split(",")[0] ?? null;

function press(key: string, init: KeyboardEventInit = {}): void {
  act(() => {
    fireEvent.keyDown(document.activeElement ?? document.body, { key, ...init });
  });
}

function selectedNames(): string[] {
  return screen
    .getAllByRole("row")
    .filter((each) => each.getAttribute("aria-selected") === "true")
    .map((each) => each.getAttribute("aria-label")?.split(",")[0] ?? "");
}

beforeAll(() => {
  // jsdom lays nothing out; scrolling is the browser's business.
  Element.prototype.scrollIntoView = () => {};
});
afterEach(cleanup);

describe("DataTable", () => {
  it("has exactly one tab stop among its rows, and none on their controls", () => {
    render(<Table />);
    const grid = screen.getByRole("grid");
    expect([...grid.querySelectorAll("tbody [tabindex='0']")]).toEqual([row("Dana")]);
    expect(within(grid).getByRole("link", { name: "Call Dana" }).tabIndex).toBe(-1);
  });

  it("starts at the open row when there is one", () => {
    render(<Table activeId="lead-2" />);
    expect(row("Priya").tabIndex).toBe(0);
    expect(row("Dana").tabIndex).toBe(-1);
  });

  const moves: [string, string, KeyboardEventInit, string, string][] = [
    ["Down", "ArrowDown", {}, "Omar", "Priya"],
    ["Up", "ArrowUp", {}, "Omar", "Dana"],
    ["J", "j", {}, "Omar", "Priya"],
    ["K", "k", {}, "Omar", "Dana"],
    ["Home", "Home", {}, "Priya", "Dana"],
    ["End", "End", {}, "Priya", "Lucía"],
    ["Ctrl+Home", "Home", { ctrlKey: true }, "Priya", "Dana"],
    ["Ctrl+End", "End", { ctrlKey: true }, "Priya", "Lucía"],
    ["Down at the last row stays", "ArrowDown", {}, "Lucía", "Lucía"],
    ["Up at the first row stays", "ArrowUp", {}, "Dana", "Dana"],
    ["PgDn goes on", "PageDown", {}, "Dana", "Omar"],
    ["PgUp goes back", "PageUp", {}, "Lucía", "Tom"],
  ];
  it.each(moves)("%s moves focus", (_, key, init, from, to) => {
    render(<Table />);
    act(() => row(from).focus());
    press(key, init);
    expect(focusedName()).toBe(to);
    expect(row(to).tabIndex).toBe(0);
  });

  it("enters the list with J while nothing has focus", () => {
    render(<Table />);
    press("j");
    expect(focusedName()).toBe("Dana");
  });

  it("tells the screen when a key moved to another row", () => {
    const onMove = vi.fn();
    render(<Table onMove={onMove} />);
    act(() => row("Dana").focus());
    press("ArrowDown");
    expect(onMove).toHaveBeenCalledExactlyOnceWith("lead-1");
  });

  it("steps into a row's controls with Right and out with Left", () => {
    render(<Table />);
    act(() => row("Dana").focus());
    press("ArrowRight");
    expect(document.activeElement).toBe(screen.getByRole("link", { name: "Call Dana" }));
    press("ArrowLeft");
    expect(document.activeElement).toBe(row("Dana"));
  });

  it("opens with Enter, peeks with Space, opens on click", () => {
    const onOpen = vi.fn();
    const onPeek = vi.fn();
    render(<Table onOpen={onOpen} onPeek={onPeek} />);
    act(() => row("Omar").focus());
    press("Enter");
    press(" ");
    expect(onOpen).toHaveBeenCalledExactlyOnceWith("lead-1");
    expect(onPeek).toHaveBeenCalledExactlyOnceWith("lead-1");
    fireEvent.click(screen.getByText("Tom"));
    expect(onOpen).toHaveBeenLastCalledWith("lead-3");
  });

  it("gives focus to the row that takes the place of one that left", () => {
    const { rerender } = render(<Table />);
    act(() => row("Omar").focus());
    rerender(<Table rows={LEADS.filter((lead) => lead.name !== "Omar")} />);
    expect(focusedName()).toBe("Priya");
  });

  it("gives focus to the new last row when the last one left", () => {
    const { rerender } = render(<Table />);
    act(() => row("Lucía").focus());
    rerender(<Table rows={LEADS.slice(0, 4)} />);
    expect(focusedName()).toBe("Tom");
  });

  it("gives focus to the empty state's heading when no row is left", () => {
    const { rerender } = render(<Table rows={LEADS.slice(0, 1)} />);
    act(() => row("Dana").focus());
    rerender(<Table rows={[]} />);
    expect(document.activeElement).toBe(screen.getByRole("heading", { name: "Queue clear." }));
  });

  it("leaves focus alone when it is elsewhere", () => {
    const ui = (rows: Lead[]) => (
      <>
        <Table rows={rows} />
        <input aria-label="note" />
      </>
    );
    const { rerender } = render(ui(LEADS));
    act(() => row("Omar").focus());
    act(() => screen.getByLabelText("note").focus());
    rerender(ui(LEADS.filter((lead) => lead.name !== "Omar")));
    expect(document.activeElement).toBe(screen.getByLabelText("note"));
  });

  it("selects with X and with Shift+Space, and takes back", () => {
    render(<Selectable />);
    act(() => row("Omar").focus());
    press("x");
    expect(selectedNames()).toEqual(["Omar"]);
    press(" ", { shiftKey: true });
    expect(selectedNames()).toEqual([]);
  });

  it("extends with Shift+Down, including where it started", () => {
    render(<Selectable />);
    act(() => row("Omar").focus());
    press("ArrowDown", { shiftKey: true });
    press("J", { shiftKey: true });
    expect(selectedNames()).toEqual(["Omar", "Priya", "Tom"]);
  });

  it("selects the page with Ctrl+A and clears with Escape", () => {
    render(<Selectable />);
    act(() => row("Omar").focus());
    press("a", { ctrlKey: true });
    expect(selectedNames()).toHaveLength(5);
    press("Escape");
    expect(selectedNames()).toEqual([]);
  });

  it("takes a range with Shift and a box", () => {
    render(<Selectable />);
    fireEvent.click(screen.getByRole("checkbox", { name: "Select Dana, canceled" }));
    fireEvent.click(screen.getByRole("checkbox", { name: "Select Priya, canceled" }), { shiftKey: true });
    expect(selectedNames()).toEqual(["Dana", "Omar", "Priya"]);
  });

  it("says how many rows match, not how many are shown, and where each stands", () => {
    render(<Table total={312} from={101} />);
    expect(screen.getByRole("grid").getAttribute("aria-rowcount")).toBe("312");
    expect(row("Dana").getAttribute("aria-rowindex")).toBe("101");
  });

  it("says -1 when the number is unknown", () => {
    render(<Table />);
    expect(screen.getByRole("grid").getAttribute("aria-rowcount")).toBe("-1");
  });

  it("marks the sorted column and asks for the other direction", () => {
    const onChange = vi.fn();
    render(<Table sort={{ columnId: "name", direction: "asc", onChange }} />);
    const header = screen.getByRole("columnheader", { name: "Lead" });
    expect(header.getAttribute("aria-sort")).toBe("ascending");
    fireEvent.click(within(header).getByRole("button"));
    expect(onChange).toHaveBeenCalledExactlyOnceWith("name", "desc");
  });
});
