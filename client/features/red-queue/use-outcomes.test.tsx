import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { stubCalls } from "#client/lib/stub-calls.ts";
import { buildRedTask } from "./build-red-task.ts";
import { useOutcomes } from "./use-outcomes.ts";

function buildHands() {
  return {
    slug: "northwind",
    zoneOf: () => "America/Chicago",
    onGone: vi.fn(() => null),
    onLogged: vi.fn(),
    onBack: vi.fn(),
    onUndone: vi.fn(),
    onSettled: vi.fn(),
    readClaimedVersion: async () => 4,
  };
}

const dana = buildRedTask({ id: "5f3b2c1a-0000-4000-8000-000000000001" });
const LOGGED = {
  id: dana.id,
  version: 5,
  status: "snoozed",
  outcome: "no_answer",
  dueAt: "2026-03-10T17:00:00.000Z",
  closedReason: null,
  awaitsEvidence: false,
  undoUntil: null,
  providersAsked: null,
};

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("useOutcomes", () => {
  it("logs once when the key comes again before the next task is on screen", async () => {
    const calls = stubCalls();
    const hands = buildHands();
    const { result } = renderHook(() => useOutcomes(hands));
    act(() => {
      result.current.log(dana, "no_answer");
      result.current.log(dana, "no_answer");
    });
    await waitFor(() => expect(calls).toHaveLength(1));
    expect(hands.onGone).toHaveBeenCalledOnce();
    calls[0]?.answer(LOGGED);
    await waitFor(() => expect(hands.onLogged).toHaveBeenCalledWith(dana, 5));
    expect(calls).toHaveLength(1);
    expect(hands.onBack).not.toHaveBeenCalled();
  });

  it("brings a refused one back, and takes it again", async () => {
    const calls = stubCalls();
    const hands = buildHands();
    const { result } = renderHook(() => useOutcomes(hands));
    act(() => result.current.log(dana, "no_answer"));
    await waitFor(() => expect(calls).toHaveLength(1));
    calls[0]?.refuse("Somebody else has it.");
    await waitFor(() => expect(hands.onBack).toHaveBeenCalledWith(dana));
    act(() => result.current.log(dana, "no_answer"));
    await waitFor(() => expect(calls).toHaveLength(2));
  });
});
