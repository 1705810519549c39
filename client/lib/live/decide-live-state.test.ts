import { describe, expect, it } from "vitest";
import { decideLiveState, type LiveFacts } from "./decide-live-state.ts";

const NOW_MS = 1_000_000;

function buildFacts(overrides: Partial<LiveFacts> = {}): LiveFacts {
  return {
    isOnline: true,
    failedCalls: 0,
    lastSignalMs: NOW_MS - 2000,
    startedMs: 0,
    isCatchingUp: false,
    pauseReason: null,
    ...overrides,
  };
}

describe("decideLiveState", () => {
  const cases: [string, Partial<LiveFacts>, string][] = [
    ["is live while the last sign of life is young", {}, "live"],
    ["is live until 12 s of silence", { lastSignalMs: NOW_MS - 11_999 }, "live"],
    ["reconnects from 12 s on", { lastSignalMs: NOW_MS - 12_000 }, "reconnecting"],
    ["still reconnects at 30 s", { lastSignalMs: NOW_MS - 30_000 }, "reconnecting"],
    ["is stale beyond 30 s", { lastSignalMs: NOW_MS - 30_001 }, "stale"],
    [
      "counts silence from the start when nothing ever came",
      { lastSignalMs: null, startedMs: NOW_MS - 13_000 },
      "reconnecting",
    ],
    ["catches up while missed events arrive", { isCatchingUp: true }, "catching-up"],
    ["is paused while something holds the list", { pauseReason: "3 selected" }, "paused"],
    ["tells trouble before a pause", { pauseReason: "3 selected", lastSignalMs: NOW_MS - 40_000 }, "stale"],
    ["is offline when the browser says so", { isOnline: false }, "offline"],
    ["is offline after three failed calls", { failedCalls: 3 }, "offline"],
    ["is not offline after two", { failedCalls: 2 }, "live"],
  ];
  it.each(cases)("%s", (_, overrides, kind) => {
    expect(decideLiveState(buildFacts(overrides), NOW_MS).kind).toBe(kind);
  });
});
