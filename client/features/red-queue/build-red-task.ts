import type { RedTask } from "./red-queue-types.ts";

/** Ten o'clock in Chicago on a Tuesday. */
export const NOW_MS = Date.parse("2026-03-10T15:00:00.000Z");

/** An open, unclaimed task for a meeting that the lead canceled two hours ago, due in half an hour. For tests. */
export function buildRedTask(overrides: Partial<RedTask> = {}): RedTask {
  return {
    id: "5f3b2c1a-0000-4000-8000-000000000001",
    version: 1,
    type: "meeting_canceled",
    red: "lost",
    status: "pending",
    dueAt: "2026-03-10T15:30:00.000Z",
    createdAt: "2026-03-10T14:30:00.000Z",
    attempts: 0,
    attemptLimit: 6,
    lastOutcome: null,
    lastOutcomeAt: null,
    awaitsEvidence: false,
    closedAt: null,
    closedReason: null,
    closedByName: null,
    owner: null,
    leaseUntil: null,
    lead: {
      id: "5f3b2c1a-0000-4000-8000-00000000000a",
      name: "Dana Ruiz",
      company: "Northwind Supply",
      phone: "+1 512 555 0142",
      timezone: "America/Chicago",
      timezoneSource: "given",
      nextMeetingAt: null,
    },
    happened: {
      kind: "canceled_by_lead",
      provider: "calendly",
      at: "2026-03-10T13:00:00.000Z",
      quote: "Something came up",
      wasAt: "2026-03-17T15:00:00.000Z",
    },
    meetings: 1,
    callable: { isCallable: true, changesAt: "2026-03-10T23:00:00.000Z" },
    ...overrides,
  };
}
