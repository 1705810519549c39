import type { SequenceTrigger, Standing } from "#server/db/generated/enums.ts";
import { decideSilence, type SilenceReason } from "#server/follow-ups/decide-silence.ts";
import { addDays } from "#server/lib/duration.ts";
import type { Judged, PrimaryDecision } from "./decide-primary.ts";
import { stands } from "./decide-standing.ts";
import type { Effect, TransitionFacts } from "./decide-transition.ts";

/** Why a post-booking sequence waits while its meeting cannot be found (R20a). */
const VANISHED_PAUSE = "meeting_vanished";
/** Why any sequence waits while its lead wants to hear nothing for now (R28). */
const SNOOZE_PAUSE: SilenceReason = "lead_snoozed";

/** R14, R15, R19, R20a, R28: what must not run stops, and only what may run starts. */
export function decideInstances(
  facts: TransitionFacts,
  primary: PrimaryDecision,
  before: Map<string, Standing>,
  gained: Judged[],
  lost: Judged[],
): Effect[] {
  const open = facts.instances.filter((i) => i.status === "active" || i.status === "paused");
  const effects = decideStops(facts, primary, open, before, gained, lost);
  const stopped = new Set(effects.flatMap((e) => (e.effect === "stop_instance" ? [e.instanceId] : [])));
  const waiting = open.filter((i) => i.status === "paused" && !stopped.has(i.id));
  // Of a half pair that was met first, nothing has started yet.
  const hasStarted = facts.instances.some((i) => i.trigger === "meeting_booked" && i.status !== "canceled");
  const isGain =
    primary.state === "booked" &&
    gained.some((a) => a.standing === "live" && !(hasStarted && continuesChain(a, primary.judged, before)));
  // Only what a vanished meeting or a snooze had paused goes on: a pause for a reply is somebody else's.
  const isOver = (reason: string | null) =>
    reason === SNOOZE_PAUSE ||
    (reason === VANISHED_PAUSE && primary.state === "booked" && !facts.policy.paused);
  if (decideSilence(facts.lead) === null) {
    for (const { id, reason } of waiting) {
      if (isOver(reason)) effects.push({ effect: "resume_instance", instanceId: id });
    }
  }
  if (isGain) effects.push(...startSequence(facts, "meeting_booked", open, "meeting_booked"));
  return effects;
}

type Stop = Pick<Extract<Effect, { effect: "stop_instance" }>, "status" | "reason">;

/** What a meeting ends or interrupts, and what a lead does that wants to be left alone. */
function decideStops(
  facts: TransitionFacts,
  primary: PrimaryDecision,
  open: TransitionFacts["instances"],
  before: Map<string, Standing>,
  gained: Judged[],
  lost: Judged[],
): Effect[] {
  const gate = decideGateStop(facts, gained);
  const loss = decideLossStop(primary, before, lost);
  const silence = decideSilence(facts.lead);
  return open.flatMap(({ id, trigger, status }): Effect[] => {
    const byMeeting = trigger === "meeting_booked" ? loss : gate;
    const stop = byMeeting && byMeeting.status !== "paused" ? byMeeting : (silence ?? byMeeting);
    if (!stop || stop.status === status) return [];
    return [{ effect: "stop_instance", instanceId: id, status: stop.status, reason: stop.reason }];
  });
}

/** R13, R14, R26: who has a meeting, or may have one, is courted no longer. */
function decideGateStop(facts: TransitionFacts, gained: Judged[]): Stop | null {
  if (gained.some((a) => isGate(a, facts))) return { status: "completed", reason: "meeting_booked" };
  return facts.lead.sharedBooking ? { status: "completed", reason: "booking_shared" } : null;
}

/** R15, R20a: what was for a meeting ends with it, and waits while it cannot be found. */
function decideLossStop(
  primary: PrimaryDecision,
  before: Map<string, Standing>,
  lost: Judged[],
): Stop | null {
  if (primary.state === "booked") return null;
  if (lost.length > 0) return { status: "canceled", reason: "meeting_lost" };
  const hasVanished =
    primary.state === "vanished" ||
    primary.judged.some((a) => a.standing === "vanished" && before.get(a.id) !== "vanished");
  return hasVanished ? { status: "paused", reason: VANISHED_PAUSE } : null;
}

/** R26: a meeting that is live, or was held so recently that its lead is not to be courted. */
function isGate(a: Judged, { policy, now }: TransitionFacts): boolean {
  return a.standing === "live" || a.endAt >= addDays(now, -policy.heldGateDays);
}

/** R16: the lead stays booked through a move, so that nothing starts a second time for it. */
function continuesChain(a: Judged, all: Judged[], before: Map<string, Standing>): boolean {
  return all.some(
    (b) => b.provider === a.provider && b.providerId === a.rescheduledFromId && before.get(b.id) === "live",
  );
}

/**
 * R15: an automated response mode also writes to who lost a meeting; an unknown one means a person alone. Nobody is
 * written to beside a meeting that gates (R26).
 */
export function decideAnswer(facts: TransitionFacts, primary: PrimaryDecision, lostTask: Effect[]): Effect[] {
  if (facts.lead.responseMode !== "automated") return [];
  if (facts.lead.sharedBooking) return [];
  if (primary.judged.some((a) => stands(a.standing) && isGate(a, facts))) return [];
  const open = facts.instances.filter((i) => i.status === "active" || i.status === "paused");
  return lostTask.flatMap((e) =>
    (e.effect === "open_task" || e.effect === "add_lines") && e.reason !== "meeting_rescheduled"
      ? startSequence(facts, e.reason, open, e.reason)
      : [],
  );
}

function startSequence(
  facts: TransitionFacts,
  trigger: SequenceTrigger,
  open: TransitionFacts["instances"],
  reason: string,
): Effect[] {
  // R28
  if (facts.policy.paused || decideSilence(facts.lead) !== null) return [];
  return facts.sequences
    .filter((s) => s.trigger === trigger && !open.some((i) => i.sequenceId === s.id))
    .map((s) => ({ effect: "start_instance" as const, sequenceId: s.id, trigger, reason }));
}
