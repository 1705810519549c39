import { addDays } from "#server/lib/duration.ts";
import type { Observed } from "./observe.ts";
import type { Expected } from "./oracle.ts";
import type { WorldPlan } from "./plan.ts";

type LeadWithWork = Observed["leads"][number];

const RED = ["meeting_canceled", "meeting_no_show"];
const PROTECTED = ["not_interested", "blacklisted", "unqualified"];
/** R28: what a conversation may say that keeps a lead out of all sequences. */
const SILENT = ["not_interested", "blacklist", "snoozed"];

/** R14, R15, R17, R18, R19, R21, R26, R28: what must follow from a lead's evidence, and what must not. */
export function checkEffects(lead: LeadWithWork, expected: Expected, plan: WorldPlan, now: Date): string[] {
  return [
    ...checkRedTasks(lead, expected, plan, now),
    ...checkMovedTasks(lead, expected),
    ...checkSequences(lead, expected),
    ...checkMismatch(lead, expected),
  ];
}

function checkRedTasks(lead: LeadWithWork, expected: Expected, plan: WorldPlan, now: Date): string[] {
  const complaints: string[] = [];
  const { state, openLoss, lostRowIds } = expected;
  const red = lead.tasks.filter(({ type }) => RED.includes(type));
  const open = red.filter(({ status }) => status === "pending" || status === "snoozed");
  const names = (task: (typeof red)[number], ids: string[]) =>
    task.meetings.some(({ appointmentId }) => ids.includes(appointmentId));
  if (open.length > 1) complaints.push(`${open.length} open tasks for lost meetings`);
  if (open.length > 0 && state === "booked") complaints.push("red although it is booked");
  if (open.some((task) => !names(task, lostRowIds)))
    complaints.push("an open task that names no lost meeting");
  if (openLoss !== null && lead.lostAt?.getTime() !== openLoss.lostMs) {
    complaints.push(`it was lost at ${openLoss.lostMs}, and says ${lead.lostAt?.getTime()}`);
  }
  const isFresh = openLoss !== null && openLoss.lostMs >= addDays(now, -plan.freshnessDays).getTime();
  // What a person has dealt with stays dealt with. Which meeting an open one names is another matter: evidence may have
  // answered that one once, and not the ones after it.
  const isDealtWith = red.some((task) => task.closedById !== null && names(task, openLoss?.rowIds ?? []));
  if (isFresh && open.length === 0 && !isDealtWith) complaints.push(`${state}, and no open task says so`);
  for (const { lostAt, addedAt } of red.flatMap((task) => task.meetings)) {
    if (lostAt && lostAt < addDays(addedAt, -plan.freshnessDays)) {
      complaints.push("a task for a loss that was history when it was found");
    }
  }
  return complaints;
}

/** R16: to be looked at while a meeting that was moved stands, once, and not after. */
function checkMovedTasks({ tasks }: LeadWithWork, { liveRowIds }: Expected): string[] {
  const open = tasks.filter(
    ({ type, status }) => type === "meeting_rescheduled" && (status === "pending" || status === "snoozed"),
  );
  if (open.length > 1) return [`${open.length} open tasks for moved meetings`];
  const isLive = open.every(({ meetings }) =>
    meetings.some(({ appointmentId }) => liveRowIds.includes(appointmentId)),
  );
  return isLive ? [] : ["an open task for a moved meeting that stands no more"];
}

function checkSequences(lead: LeadWithWork, { state, hasVanished, isShared }: Expected): string[] {
  const complaints: string[] = [];
  const isBooked = state === "booked" || state === "held";
  const isLost = state === "canceled" || state === "no_show";
  const running = lead.instances.filter(({ status }) => status === "active" || status === "paused");
  if (new Set(running.map((i) => i.sequenceId)).size < running.length) {
    complaints.push("in one sequence twice");
  }
  const courting = running.filter(({ trigger }) => trigger !== "meeting_booked");
  if ((isBooked || isShared) && courting.length > 0) {
    complaints.push(`${state}, and still in ${courting.map((i) => i.trigger)}`);
  }
  const greeting = running.filter(({ trigger }) => trigger === "meeting_booked");
  const isForGood = PROTECTED.includes(lead.status) || SILENT.slice(0, 2).includes(lead.sentiment);
  if (isForGood && running.length > 0)
    complaints.push(`${lead.status}, ${lead.sentiment}, and in a sequence`);
  const isSilent = isForGood || lead.sentiment === "snoozed";
  if (isSilent && running.some(({ status }) => status === "active")) {
    complaints.push("wants to hear nothing, and a sequence goes on");
  }
  // Who was silent when the meeting was booked is in none now, though it may be greeted again.
  const wasSilenced = lead.instances.some(({ reason }) => reason?.startsWith("lead_"));
  if (state === "booked" && !isSilent && !wasSilenced && greeting.length !== 1) {
    complaints.push("booked, and in no post-booking sequence");
  }
  if (isLost && !hasVanished && greeting.length > 0) {
    complaints.push(`${state}, and still in the post-booking sequence`);
  }
  return complaints;
}

/** R21, R22, written down a second time; both calendars were just verified, so that every claim counts as checked. */
function checkMismatch(lead: LeadWithWork, { state }: Expected): string[] {
  const { status, sentiment } = lead;
  const isLost = state === "canceled" || state === "no_show";
  const claimAt = sentiment === "meeting_booked" ? lead.sentimentAt : lead.statusAt;
  const hasClaim = sentiment === "meeting_booked" || status === "meeting_booked";
  const kinds: [kind: number, isTrue: boolean][] = [
    [4, state === "vanished" && status === "meeting_booked"],
    [3, isLost && status === "meeting_booked"],
    [1, hasClaim && (state === "none" || (isLost && lead.lostAt !== null && claimAt > lead.lostAt))],
    [2, (state === "booked" || state === "held") && status !== "meeting_booked"],
  ];
  const kind = kinds.find(([, isTrue]) => isTrue)?.[0] ?? null;
  return kind === lead.mismatchKind ? [] : [`mismatch is ${lead.mismatchKind}, should be ${kind}`];
}
