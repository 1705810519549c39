import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createRefresher } from "./refresher.ts";

/** Readings that end when the test says so. */
function buildReads() {
  const ends: (() => void)[] = [];
  const read = vi.fn(() => new Promise<void>((resolve) => ends.push(resolve)));
  return { read, endNext: () => ends.shift()?.() };
}

describe("createRefresher", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("reads a burst once", async () => {
    const { read } = buildReads();
    const refresh = createRefresher(read);
    refresh();
    refresh();
    await vi.advanceTimersByTimeAsync(0);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it("reads again when something changed while an answer was on its way, and never two at a time", async () => {
    const { read, endNext } = buildReads();
    const refresh = createRefresher(read, 400);
    refresh();
    await vi.advanceTimersByTimeAsync(0);
    refresh();
    refresh();
    await vi.advanceTimersByTimeAsync(5000);
    expect(read).toHaveBeenCalledTimes(1);
    endNext();
    await vi.advanceTimersByTimeAsync(400);
    expect(read).toHaveBeenCalledTimes(2);
    endNext();
    await vi.advanceTimersByTimeAsync(5000);
    expect(read).toHaveBeenCalledTimes(2);
  });

  it("leaves a gap between readings", async () => {
    const { read, endNext } = buildReads();
    const refresh = createRefresher(read, 400);
    refresh();
    await vi.advanceTimersByTimeAsync(0);
    endNext();
    await vi.advanceTimersByTimeAsync(100);
    refresh();
    await vi.advanceTimersByTimeAsync(299);
    expect(read).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(read).toHaveBeenCalledTimes(2);
  });

  it("goes on after a reading that failed", async () => {
    const read = vi.fn(() => Promise.reject(new Error("out of reach")));
    const refresh = createRefresher(read, 400);
    refresh();
    await vi.advanceTimersByTimeAsync(400);
    refresh();
    await vi.advanceTimersByTimeAsync(400);
    expect(read).toHaveBeenCalledTimes(2);
  });
});
