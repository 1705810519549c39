import type { MeetingState, Standing } from "#server/db/generated/enums.ts";
import {
  decideStanding,
  isWaiting,
  lossTime,
  type StandingFacts,
  successorDeadline,
} from "./decide-standing.ts";

export type Judged = StandingFacts & { standing: Standing };

export type PrimaryDecision = {
  state: MeetingState;
  primary: Judged | null;
  /** When the lead's meeting was lost; null unless the state is a loss. */
  lostAt: Date | null;
  /** When time alone will change this decision; null when it never will. */
  redecideAt: Date | null;
  judged: Judged[];
};

/**
 * The one appointment that stands for the lead, and the meeting state it gives (R1, R12): soonest live; else
 * latest start among held and no-show; else most recently canceled; else most recently vanished.
 */
export function decidePrimary(appointments: StandingFacts[], now: Date): PrimaryDecision {
  const judged = appointments.map((facts) => ({ ...facts, standing: decideStanding(facts, now) }));
  // One that waits for its successor keeps the lead booked, but its time is no longer true.
  const certain = judged.filter((a) => !isWaiting(a, a.standing));
  const primary =
    first(certain, ["live"], (a) => a.startAt.getTime()) ??
    first(judged, ["live"], (a) => a.startAt.getTime()) ??
    first(judged, ["held", "no_show"], (a) => -a.startAt.getTime()) ??
    first(judged, ["canceled"], (a) => -(a.canceledAt ?? a.startAt).getTime()) ??
    first(judged, ["vanished"], (a) => -(lossTime(a, "vanished") ?? a.startAt).getTime());
  return {
    state: primary ? stateOf(primary.standing) : "none",
    primary,
    lostAt: primary ? lossTime(primary, primary.standing) : null,
    redecideAt: earliest(judged.flatMap((a) => nextInstant(a))),
    judged,
  };
}

function first(judged: Judged[], standings: Standing[], key: (a: Judged) => number): Judged | null {
  let best: Judged | null = null;
  for (const candidate of judged) {
    if (!standings.includes(candidate.standing)) continue;
    if (best === null || compare(candidate, best, key) < 0) best = candidate;
  }
  return best;
}

/** Ties: the later provider update, then the provider id, so that every path picks the same one. */
function compare(a: Judged, b: Judged, key: (a: Judged) => number): number {
  return (
    key(a) - key(b) ||
    (b.providerUpdatedAt?.getTime() ?? 0) - (a.providerUpdatedAt?.getTime() ?? 0) ||
    (a.providerId < b.providerId ? -1 : a.providerId > b.providerId ? 1 : 0)
  );
}

function stateOf(standing: Standing): MeetingState {
  switch (standing) {
    case "live":
      return "booked";
    case "held":
    case "canceled":
    case "no_show":
    case "vanished":
      return standing;
    case "superseded":
    case "copy":
      return "none";
    default:
      return standing satisfies never;
  }
}

function nextInstant(a: Judged): Date[] {
  if (a.standing !== "live") return [];
  const deadline = successorDeadline(a);
  return [deadline ?? a.endAt];
}

function earliest(dates: Date[]): Date | null {
  return dates.reduce<Date | null>((best, date) => (best === null || date < best ? date : best), null);
}
