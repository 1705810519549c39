import { addDays, addMs, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import { TEST_NOW } from "#server/testing/factories.ts";
import type { StandingFacts } from "../decide-standing.ts";
import type { TransitionFacts } from "../decide-transition.ts";

/** A confirmed Calendly meeting two days ahead, half an hour long, booked yesterday. `id` is also its provider id. */
export function buildAppointmentFacts(overrides: Partial<StandingFacts> = {}): StandingFacts {
  const id = overrides.id ?? "meeting";
  const startAt = overrides.startAt ?? addDays(TEST_NOW, 2);
  return {
    id,
    provider: "calendly",
    providerId: id,
    status: "confirmed",
    startAt,
    endAt: addMs(startAt, 30 * MINUTE_MS),
    canceledAt: null,
    noShowAt: null,
    rescheduledFromId: null,
    rescheduledToId: null,
    movedFromAt: null,
    mirrorOfId: null,
    attendanceMark: null,
    attendanceMarkAt: null,
    providerCreatedAt: addDays(TEST_NOW, -1),
    providerUpdatedAt: addDays(TEST_NOW, -1),
    asOf: TEST_NOW,
    source: "reconcile",
    firstSeenAt: addDays(TEST_NOW, -1),
    lossSeenAt: null,
    successorKnown: false,
    copyStatus: null,
    ...overrides,
  };
}

/** Canceled an hour ago. */
export function buildCanceled(overrides: Partial<StandingFacts> = {}): StandingFacts {
  const canceledAt = addMs(TEST_NOW, -HOUR_MS);
  return buildAppointmentFacts({ status: "canceled", canceledAt, lossSeenAt: TEST_NOW, ...overrides });
}

/** Over since yesterday, attended as far as anybody knows. */
export function buildEnded(overrides: Partial<StandingFacts> = {}): StandingFacts {
  return buildAppointmentFacts({
    startAt: addDays(TEST_NOW, -1),
    providerCreatedAt: addDays(TEST_NOW, -5),
    firstSeenAt: addDays(TEST_NOW, -5),
    ...overrides,
  });
}

/** A lead without claim, tasks or sequences, none of whose appointments has been decided before. */
export function buildTransitionFacts(
  overrides: Partial<Omit<TransitionFacts, "lead" | "policy">> & {
    lead?: Partial<TransitionFacts["lead"]>;
    policy?: Partial<TransitionFacts["policy"]>;
  } = {},
): TransitionFacts {
  const { lead, policy, ...rest } = overrides;
  return {
    lead: {
      id: "lead",
      status: "qualified",
      sentiment: "interested",
      responseMode: "unknown",
      meetingState: "none",
      primaryId: null,
      sharedBooking: false,
      ...lead,
    },
    appointments: [],
    standingBefore: new Map(),
    movedIds: new Set(),
    openTasks: [],
    namedMeetingIds: new Set(),
    instances: [],
    sequences: [],
    policy: { freshnessDays: 14, heldGateDays: 90, movedReview: true, paused: false, ...policy },
    skipSideEffects: false,
    accepted: false,
    now: TEST_NOW,
    ...rest,
  };
}
