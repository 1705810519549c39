import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { showErrorToast, showToast, toastManager, useNewestUndo } from "#client/lib/toasts.ts";
import { ToastProvider } from "./toast.tsx";

function NewestUndo() {
  const newest = useNewestUndo();
  return (
    <button type="button" onClick={() => newest?.run()}>
      newest: {newest?.title ?? "none"}
    </button>
  );
}

beforeEach(() => {
  vi.useFakeTimers();
  render(
    <ToastProvider>
      <NewestUndo />
    </ToastProvider>,
  );
});
afterEach(() => {
  act(() => toastManager.close());
  act(() => vi.runOnlyPendingTimers());
  cleanup();
  vi.useRealTimers();
});

const pass = (ms: number) => act(() => vi.advanceTimersByTime(ms));
const isShown = (text: string) => screen.queryByText(text) !== null;

describe("toasts", () => {
  it("offer undo for ten seconds", () => {
    act(() => showToast("No answer logged for Dana Ruiz.", { undo: () => {} }));
    pass(9_900);
    expect(isShown("No answer logged for Dana Ruiz.")).toBe(true);
    pass(1_000);
    expect(isShown("No answer logged for Dana Ruiz.")).toBe(false);
    expect(isShown("newest: none")).toBe(true);
  });

  it("stop their timer while a person hovers", () => {
    act(() => showToast("No answer logged for Dana Ruiz.", { undo: () => {} }));
    pass(5_000);
    const viewport = screen.getByRole("region", { name: "Notices" });
    fireEvent.mouseEnter(viewport);
    pass(60_000);
    expect(isShown("No answer logged for Dana Ruiz.")).toBe(true);
    fireEvent.mouseLeave(viewport);
    pass(6_000);
    expect(isShown("No answer logged for Dana Ruiz.")).toBe(false);
  });

  it("stop their timer while the window is not in use", () => {
    act(() => showToast("No answer logged for Dana Ruiz.", { undo: () => {} }));
    pass(5_000);
    // jsdom names its inner window as the target; a browser names the one that listeners know.
    const blur = Object.defineProperty(new Event("blur"), "composedPath", { value: () => [window] });
    act(() => {
      window.dispatchEvent(blur);
    });
    pass(60_000);
    expect(isShown("No answer logged for Dana Ruiz.")).toBe(true);
  });

  it("undo once, and leave", () => {
    const undo = vi.fn();
    act(() => showToast("287 accepted.", { undo }));
    fireEvent.click(screen.getByRole("button", { name: "Undo" }));
    pass(500);
    expect(undo).toHaveBeenCalledOnce();
    expect(isShown("newest: none")).toBe(true);
  });

  it("give the newest undo first, then the one before", () => {
    const first = vi.fn();
    const second = vi.fn();
    act(() => showToast("Dana logged.", { undo: first }));
    act(() => showToast("Omar logged.", { undo: second }));
    fireEvent.click(screen.getByText("newest: Omar logged."));
    expect([first.mock.calls.length, second.mock.calls.length]).toEqual([0, 1]);
    fireEvent.click(screen.getByText("newest: Dana logged."));
    expect(first).toHaveBeenCalledOnce();
  });

  it("keep an error until it is dismissed", () => {
    act(() => showErrorToast("Not saved: “No answer” for Dana Ruiz."));
    pass(120_000);
    expect(screen.getAllByText("Not saved: “No answer” for Dana Ruiz.").length).toBeGreaterThan(0);
  });
});
