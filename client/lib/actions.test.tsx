import { act, cleanup, createEvent, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ActionButton } from "#client/components/ui/button.tsx";
import { type Action, readActions, useActionKeys, useActions } from "./actions.ts";
import { changePreferences } from "./preferences.ts";

function Desk({ actions, children }: { actions: readonly Action[]; children?: React.ReactNode }) {
  useActionKeys();
  const mine = useActions(actions);
  return (
    <main data-action-scope="open">
      <div data-action-scope="list">
        <button type="button">row</button>
        <input aria-label="filter" />
      </div>
      <div data-action-scope="panel">
        <button type="button">in panel</button>
      </div>
      {mine.map((action) => (
        <ActionButton key={action.id} action={action} />
      ))}
      {children}
    </main>
  );
}

function buildAction(overrides: Partial<Action> & { run?: () => void } = {}): Action {
  return {
    id: "log",
    label: "No answer",
    keys: ["2"],
    scope: "panel",
    group: "Red queue",
    run: () => {},
    ...overrides,
  };
}

function press(target: Element, init: KeyboardEventInit): void {
  act(() => {
    fireEvent.keyDown(target, { bubbles: true, ...init });
  });
}

/** At this moment on the clock of input events. */
function pressAt(ms: number, key: string): void {
  const event = createEvent.keyDown(document.body, { bubbles: true, key });
  Object.defineProperty(event, "timeStamp", { value: ms });
  act(() => void fireEvent(document.body, event));
}

beforeEach(() => changePreferences({ singleKeys: true }));
afterEach(cleanup);

describe("useActions", () => {
  it("runs the same thing from the key and from the button", () => {
    const run = vi.fn();
    render(<Desk actions={[buildAction({ run })]} />);
    press(screen.getByText("in panel"), { key: "2", code: "Digit2" });
    fireEvent.click(screen.getByRole("button", { name: "No answer" }));
    expect(run).toHaveBeenCalledTimes(2);
  });

  it("runs the newest closure without registering again", () => {
    const first = vi.fn();
    const second = vi.fn();
    const { rerender } = render(<Desk actions={[buildAction({ run: first })]} />);
    const before = readActions();
    rerender(<Desk actions={[buildAction({ run: second })]} />);
    expect(readActions()).toBe(before);
    press(document.body, { key: "2", code: "Digit2" });
    expect(first).not.toHaveBeenCalled();
    expect(second).toHaveBeenCalledOnce();
  });

  it("forgets its actions when the component leaves", () => {
    const { unmount } = render(<Desk actions={[buildAction()]} />);
    expect(readActions()).toHaveLength(1);
    unmount();
    expect(readActions()).toHaveLength(0);
  });

  it("decides once while a key is held, and moves on while it is held", () => {
    const decide = vi.fn();
    const move = vi.fn();
    render(
      <Desk
        actions={[
          buildAction({ run: decide }),
          buildAction({ id: "next", label: "Next", keys: ["j"], scope: "list", repeats: true, run: move }),
        ]}
      />,
    );
    const row = screen.getByText("row");
    press(row, { key: "2", code: "Digit2" });
    press(row, { key: "2", code: "Digit2", repeat: true });
    press(row, { key: "j" });
    press(row, { key: "j", repeat: true });
    expect(decide).toHaveBeenCalledOnce();
    expect(move).toHaveBeenCalledTimes(2);
  });

  it("leaves text fields alone, except for chords and Escape", () => {
    const single = vi.fn();
    const chord = vi.fn();
    const undo = vi.fn();
    render(
      <Desk
        actions={[
          buildAction({ id: "a", keys: ["2"], run: single }),
          buildAction({ id: "b", keys: ["mod+k"], run: chord }),
          buildAction({ id: "c", keys: ["z", "mod+z"], run: undo }),
        ]}
      />,
    );
    const field = screen.getByLabelText("filter");
    press(field, { key: "2", code: "Digit2" });
    press(field, { key: "z" });
    press(field, { key: "z", ctrlKey: true });
    press(field, { key: "k", ctrlKey: true });
    expect(single).not.toHaveBeenCalled();
    expect(undo).not.toHaveBeenCalled();
    expect(chord).toHaveBeenCalledOnce();
  });

  it("changes nothing on any printable key while single keys are off", () => {
    const run = vi.fn();
    const printable = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"];
    changePreferences({ singleKeys: false });
    render(
      <Desk
        actions={printable.map((key) =>
          buildAction({
            id: key,
            label: `key ${key}`,
            keys: [/[A-Z]/.test(key) ? `shift+${key}` : key],
            run,
          }),
        )}
      />,
    );
    const row = screen.getByText("row");
    for (const key of printable) {
      press(row, { key, code: /\d/.test(key) ? `Digit${key}` : "", shiftKey: /[A-Z]/.test(key) });
    }
    expect(run).not.toHaveBeenCalled();
  });

  it("takes a sequence within its time, and not after it", () => {
    const go = vi.fn();
    render(<Desk actions={[buildAction({ keys: ["g q"], scope: "global", run: go })]} />);
    pressAt(1000, "g");
    pressAt(2100, "q");
    expect(go).toHaveBeenCalledOnce();
    pressAt(3000, "g");
    pressAt(4300, "q");
    expect(go).toHaveBeenCalledOnce();
  });

  it("prefers the scope that has focus when two want the same key", () => {
    const clear = vi.fn();
    const close = vi.fn();
    render(
      <Desk
        actions={[
          buildAction({ id: "clear", keys: ["escape"], scope: "list", run: clear }),
          buildAction({ id: "close", keys: ["escape"], scope: "panel", run: close }),
        ]}
      />,
    );
    press(screen.getByText("row"), { key: "Escape" });
    expect([clear.mock.calls.length, close.mock.calls.length]).toEqual([1, 0]);
    press(screen.getByText("in panel"), { key: "Escape" });
    expect([clear.mock.calls.length, close.mock.calls.length]).toEqual([1, 1]);
  });

  it("lets a disabled action give way to an enabled one", () => {
    const clear = vi.fn();
    const close = vi.fn();
    render(
      <Desk
        actions={[
          buildAction({ id: "clear", keys: ["escape"], scope: "list", enabled: false, run: clear }),
          buildAction({ id: "close", keys: ["escape"], scope: "panel", run: close }),
        ]}
      />,
    );
    press(screen.getByText("row"), { key: "Escape" });
    expect(clear).not.toHaveBeenCalled();
    expect(close).toHaveBeenCalledOnce();
  });

  it("answers only dialog actions while focus is in a dialog", () => {
    const decide = vi.fn();
    const confirm = vi.fn();
    render(
      <Desk
        actions={[
          buildAction({ run: decide }),
          buildAction({ id: "ok", label: "Confirm", keys: ["mod+enter"], scope: "dialog", run: confirm }),
        ]}
      >
        <div data-action-scope="dialog">
          <button type="button">in dialog</button>
        </div>
      </Desk>,
    );
    const inside = screen.getByText("in dialog");
    press(inside, { key: "2", code: "Digit2" });
    press(inside, { key: "Enter", ctrlKey: true });
    expect(decide).not.toHaveBeenCalled();
    expect(confirm).toHaveBeenCalledOnce();
  });

  it("leaves Enter to the control that has focus", () => {
    const open = vi.fn();
    render(<Desk actions={[buildAction({ keys: ["enter"], scope: "list", run: open })]} />);
    press(screen.getByText("row"), { key: "Enter" });
    expect(open).not.toHaveBeenCalled();
  });

  it("keeps a disabled button focusable and says why", () => {
    const run = vi.fn();
    render(<Desk actions={[buildAction({ enabled: false, reason: "Ana has this task.", run })]} />);
    const button = screen.getByRole("button", { name: "No answer" });
    fireEvent.click(button);
    expect(run).not.toHaveBeenCalled();
    expect(button).toHaveProperty("disabled", false);
    expect(button.getAttribute("aria-disabled")).toBe("true");
    expect(button.title).toBe("Ana has this task.");
  });
});
