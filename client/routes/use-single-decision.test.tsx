import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { stubCalls } from "#client/lib/stub-calls.ts";
import { useSingleDecision } from "./use-single-decision.ts";

function buildHands() {
  return {
    workspace: "northwind",
    onLeave: vi.fn(() => null),
    onSettled: vi.fn(),
    onRefused: vi.fn(),
    onReturn: vi.fn(),
    openReceipt: vi.fn(),
  };
}

const target = (id: string) => ({ id, name: `Lead ${id}`, version: 1 });
const ACCEPT = { decision: "accept" } as const;
const decisionsOf = (calls: { path: string }[]) => calls.filter(({ path }) => path.includes("decide"));

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("useSingleDecision", () => {
  it("answers each of several decisions, whatever order the server answers in", async () => {
    const calls = stubCalls();
    const hands = buildHands();
    const { result } = renderHook(() => useSingleDecision(hands));
    act(() => result.current.decide(target("a"), ACCEPT));
    await waitFor(() => expect(decisionsOf(calls)).toHaveLength(1));
    act(() => result.current.decide(target("b"), ACCEPT));
    await waitFor(() => expect(decisionsOf(calls)).toHaveLength(2));
    calls[1]?.answer({ receiptId: "r2", leadId: "b", name: "Lead b" });
    calls[0]?.refuse("Ana decided it since.");
    await waitFor(() => expect(hands.onSettled).toHaveBeenCalledWith("b"));
    await waitFor(() => expect(hands.onRefused).toHaveBeenCalledWith("a"));
    expect(hands.onReturn).not.toHaveBeenCalled();
  });

  it("decides once when the key comes again before the next row is open", async () => {
    const calls = stubCalls();
    const hands = buildHands();
    const { result } = renderHook(() => useSingleDecision(hands));
    act(() => {
      result.current.decide(target("a"), ACCEPT);
      result.current.decide(target("a"), ACCEPT);
    });
    await waitFor(() => expect(decisionsOf(calls)).toHaveLength(1));
    expect(hands.onLeave).toHaveBeenCalledOnce();
  });

  it("is answered also when the person has left the screen", async () => {
    const calls = stubCalls();
    const hands = buildHands();
    const { result, unmount } = renderHook(() => useSingleDecision(hands));
    act(() => result.current.decide(target("a"), ACCEPT));
    await waitFor(() => expect(decisionsOf(calls)).toHaveLength(1));
    unmount();
    calls[0]?.refuse("Ana decided it since.");
    await waitFor(() => expect(hands.onRefused).toHaveBeenCalledWith("a"));
  });
});
