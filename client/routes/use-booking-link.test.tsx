import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { UnmatchedDetail } from "#client/features/unmatched/words.ts";
import { stubCalls } from "#client/lib/stub-calls.ts";
import { useBookingLink } from "./use-booking-link.ts";

function buildHands() {
  return {
    workspace: "northwind",
    onLeave: vi.fn(() => null),
    onSettled: vi.fn(),
    onRefused: vi.fn(),
    onReturn: vi.fn(),
  };
}

// Only these are read of a booking.
const booking = (id: string) =>
  ({ id, attendeeName: `Booking ${id}`, attendeeEmail: `${id}@home.example` }) as UnmatchedDetail;
const maya = { leadId: "maya", name: "Maya Ortiz" };
const linksOf = (calls: { path: string }[]) => calls.filter(({ path }) => path.includes("link"));

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("useBookingLink", () => {
  it("links once when the key comes again before the next row is open", async () => {
    const calls = stubCalls();
    const hands = buildHands();
    const { result } = renderHook(() => useBookingLink(hands));
    act(() => {
      result.current(booking("a"), maya);
      result.current(booking("a"), maya);
    });
    await waitFor(() => expect(linksOf(calls)).toHaveLength(1));
    expect(hands.onLeave).toHaveBeenCalledOnce();
    calls[0]?.answer({ isRemembered: true });
    await waitFor(() => expect(hands.onSettled).toHaveBeenCalledWith("a"));
    expect(hands.onReturn).not.toHaveBeenCalled();
  });

  it("brings the row back when somebody was faster, also when the person has left the screen", async () => {
    const calls = stubCalls();
    const hands = buildHands();
    const { result, unmount } = renderHook(() => useBookingLink(hands));
    act(() => result.current(booking("a"), maya));
    await waitFor(() => expect(linksOf(calls)).toHaveLength(1));
    unmount();
    calls[0]?.refuse("This booking belongs to another lead.");
    await waitFor(() => expect(hands.onRefused).toHaveBeenCalledWith("a"));
    expect(hands.onSettled).not.toHaveBeenCalled();
  });
});
