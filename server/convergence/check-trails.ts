import { type Observed, readText } from "./observe.ts";

const PROTECTED = ["not_interested", "blacklisted", "unqualified"];
/** What people and programs may say of one. */
const LABELS = ["lead_labeled", "mismatch_accepted"];
/** What evidence may say of a lead. */
const EVIDENCE = [
  "lead_booked",
  "meeting_lost",
  "meeting_no_show",
  "meeting_moved",
  "meeting_vanished",
  "lead_status_changed",
];

type Entry = Observed["audit"][number];

/**
 * R20: every status that a lead has can be told from its audit, step by step, and each step by evidence is one that the
 * rules allow; nothing was done twice, and nothing was done of which the audit does not know.
 */
export function checkTrails({ rows, leads, audit, changes }: Observed): string[] {
  const complaints: string[] = [];
  const byLead = Map.groupBy(audit, ({ leadId }) => leadId);
  for (const lead of leads) {
    const entries = byLead.get(lead.id) ?? [];
    const name = `lead ${lead.externalId}`;
    const found = [
      ...checkStatus(
        lead,
        entries,
        rows.some(({ leadId, status }) => leadId === lead.id && status === "vanished"),
      ),
      ...checkStates(lead, entries),
      ...checkDoubles(
        entries,
        changes.filter(({ leadId }) => leadId === lead.id),
      ),
      ...checkCauses(lead, new Set(entries.map(({ at }) => at.getTime()))),
    ];
    complaints.push(...found.map((text) => `${name}: ${text}`));
  }
  return complaints;
}

function checkStatus(lead: Observed["leads"][number], entries: Entry[], hasVanished: boolean): string[] {
  const complaints: string[] = [];
  const told = inTurn(
    entries.filter(
      ({ verb, after }) =>
        (LABELS.includes(verb) || EVIDENCE.includes(verb)) && readText(after, "status") !== null,
    ),
  );
  let at: string | null = null;
  for (const { verb, before, after } of told) {
    const [from, to] = [readText(before, "status"), readText(after, "status")];
    if (at !== null && from !== at)
      complaints.push(`its status goes on from ${from} where it stood at ${at}`);
    at = to;
    if (!LABELS.includes(verb) && from !== to && !isAllowed(from, to, readText(after, "meetingState"))) {
      complaints.push(`${verb} took its status from ${from} to ${to}, ${readText(after, "meetingState")}`);
    }
  }
  if (at !== null && at !== lead.status)
    complaints.push(`its status is ${lead.status}, and its audit ends at ${at}`);
  const last = told.at(-1);
  // Where a person had the last word, it may disagree with the evidence: that is what mismatches are for.
  if (!last || LABELS.includes(last.verb)) return complaints;
  const { status, meetingState: state } = lead;
  const isBooked = state === "booked" || state === "held";
  if (isBooked && status !== "meeting_booked" && !PROTECTED.includes(status)) {
    complaints.push(`${state}, and its status ${status}`);
  }
  // A vanished meeting leaves the status to a person (R20a).
  const isLost = state === "canceled" || state === "no_show";
  if (isLost && !hasVanished && status === "meeting_booked") {
    complaints.push(`${state}, and its status meeting_booked`);
  }
  return complaints;
}

/**
 * By time; of one instant each after the one that it goes on from, in whichever order they were written down: a person's
 * word and what evidence made of it stand beside each other.
 */
function inTurn(entries: Entry[]): Entry[] {
  const waiting = entries.toSorted((a, b) => a.at.getTime() - b.at.getTime() || Number(a.id - b.id));
  const told: Entry[] = [];
  for (let next = waiting[0]; next; next = waiting[0]) {
    const [instant, last] = [next.at.getTime(), told.at(-1)];
    const following = waiting.findIndex(
      ({ at, before }) =>
        at.getTime() === instant && last && readText(before, "status") === readText(last.after, "status"),
    );
    told.push(...waiting.splice(Math.max(following, 0), 1));
  }
  return told;
}

/**
 * No meeting is gained or lost without a word: between two entries, and after the last, a lead's state moves by itself
 * only where a meeting that stood is over, where its bookings went to somebody else, or while a successor may turn up.
 */
function checkStates(lead: Observed["leads"][number], entries: Entry[]): string[] {
  const isSilent = (from: string, to: string | null) =>
    from === to || (from === "booked" && to === "held") || to === "booked" || to === "none";
  const told = entries.filter(({ verb }) => EVIDENCE.includes(verb)).sort((a, b) => Number(a.id - b.id));
  const complaints: string[] = [];
  let at = "none";
  for (const { before, after, verb } of told) {
    const from = readText(before, "meetingState");
    if (!isSilent(at, from)) complaints.push(`${verb} found it ${from}, where its audit had left it ${at}`);
    at = readText(after, "meetingState") ?? at;
  }
  if (!isSilent(at, lead.meetingState)) {
    complaints.push(`it is ${lead.meetingState}, and its audit ends at ${at}`);
  }
  return complaints;
}

/** R14, R15, R17: up to booked by what stands, down to qualified by what is lost, and never away from a protected one. */
function isAllowed(from: string | null, to: string | null, state: string | null): boolean {
  if (from === null || PROTECTED.includes(from)) return false;
  if (to === "meeting_booked") return state === "booked" || state === "held";
  return (
    from === "meeting_booked" &&
    to === "qualified" &&
    (state === "canceled" || state === "no_show" || state === "vanished")
  );
}

/** Two meetings may be gained in one instant: what is told twice must have happened twice. */
function checkDoubles(entries: Entry[], changes: Observed["changes"]): string[] {
  const told = Map.groupBy(entries, ({ verb, subjectId, before, after, at }) =>
    JSON.stringify([verb, subjectId, before, after, at]),
  );
  const isDoubled = [...told.values()].some(
    (same) =>
      same.length > 1 &&
      same.length > changes.filter(({ at }) => at.getTime() === same[0]?.at.getTime()).length,
  );
  return isDoubled ? ["its audit tells one thing twice"] : [];
}

/** Tasks and instances come of something that happened at that very moment, and of each only one. */
function checkCauses({ tasks, instances }: Observed["leads"][number], told: Set<number>): string[] {
  const complaints: string[] = [];
  // A world's clock stands while several deliveries are worked on: what one opened the next may close.
  const lasting = tasks.filter(({ createdAt, closedAt }) => closedAt?.getTime() !== createdAt.getTime());
  const opened = lasting.map(
    ({ type, createdAt }) => `${type === "meeting_rescheduled"} ${createdAt.getTime()}`,
  );
  if (new Set(opened).size < opened.length) complaints.push("one transition opened two tasks");
  if (tasks.some(({ createdAt }) => !told.has(createdAt.getTime()))) {
    complaints.push("a task that came of nothing");
  }
  const begun = instances.map(({ sequenceId, startedAt }) => `${sequenceId} ${startedAt.getTime()}`);
  if (new Set(begun).size < begun.length) complaints.push("one transition started a sequence twice");
  return complaints;
}
