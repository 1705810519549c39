import { checkMirrors } from "./oracle-mirrors.ts";
import { decideOwners, type KnownLead, type Owners } from "./oracle-owners.ts";
import type { Booking, Fact } from "./truth.ts";

/*
 * What the console must show at the end, worked out from the sandbox's own records by code of its own. Four things no
 * record can tell, since they depend on when we looked; they are taken as observed and checked to be possible:
 * whether a booking that is gone was ever learned, when it was found missing, when a HighLevel booking was canceled
 * (it only dates its last change), and which pairs were once seen to be mirrors (R7: a pair survives moves).
 */

/** A row that the engine keeps: its own ids, and what only it can know. */
export type ObservedRow = {
  id: string;
  provider: "calendly" | "highlevel";
  providerId: string;
  leadId: string | null;
  status: string;
  startMs: number;
  canceledMs: number | null;
  lossSeenMs: number | null;
  mirrorOfId: string | null;
  onConfiguredType: boolean;
  /** What people said of it (R6, R11). */
  mark: { word: "showed" | "no_show"; atMs: number } | null;
  linkedTo: string | null;
};

/** How the workspace wants to be judged. */
export type Terms = {
  /** Event types and calendars that were chosen; null when all count (R10). */
  chosenTypes: ReadonlySet<string> | null;
  isStrict: boolean;
  /** Only leads were asked about, so that nobody's bookings and superseded ones may be unknown. */
  isLookedUp: boolean;
};

export type Expected = {
  state: "none" | "booked" | "held" | "canceled" | "no_show" | "vanished";
  primaryId: string | null;
  startMs: number | null;
  /** R13: a booking that stands under an address of this lead and of another. */
  isShared: boolean;
  linkedIds: string[];
  /** The loss that stands for the lead, with its time, when nothing else stands and nothing vanished. */
  openLoss: { lostMs: number; rowIds: string[] } | null;
  /** Rows whose meeting is canceled, missed or gone; the copy of such a one says the same of it. */
  lostRowIds: string[];
  hasVanished: boolean;
  /** Rows whose meeting is still to come. */
  liveRowIds: string[];
};

type Standing = "live" | "held" | "canceled" | "no_show" | "vanished" | "superseded" | "copy";
type Judged = { booking: Booking; row: ObservedRow; fact: Fact; standing: Standing; startMs: number };

export type Judgement = { leads: Map<string, Expected>; complaints: string[] };

export function judgeWorld(
  allBookings: Booking[],
  leads: KnownLead[],
  rows: ObservedRow[],
  nowMs: number,
  terms: Terms,
): Judgement {
  const complaints: string[] = [];
  const isChosen = ({ typeId }: Booking) => terms.chosenTypes?.has(typeId) ?? true;
  // R10: to a strict workspace, what nobody chose is no evidence.
  const bookings = allBookings.filter((booking) => !terms.isStrict || isChosen(booking));
  const rowOf = new Map(rows.map((row) => [`${row.provider} ${row.providerId}`, row]));
  const learned: Learned[] = [];
  const missing: Booking[] = [];
  for (const booking of bookings) {
    const row = rowOf.get(`${booking.provider} ${booking.id}`);
    const fact = booking.facts.at(-1) ?? booking.facts[0];
    if (row) learned.push({ booking, row, fact });
    // Nobody can learn of what is in no list any more (R5).
    else if (booking.goneMs === null && !fact.isHidden) missing.push(booking);
  }
  for (const row of rows) {
    if (!bookings.some((b) => b.provider === row.provider && b.id === row.providerId)) {
      complaints.push(`${row.provider} ${row.providerId} is no evidence`);
    }
  }
  for (const { booking, row, fact } of learned) {
    complaints.push(...checkRow(booking, row, fact, nowMs));
    if (row.onConfiguredType !== isChosen(booking)) {
      complaints.push(`${booking.provider} ${booking.id} is on a chosen type, or is not`);
    }
  }

  const linked = new Map(
    learned.flatMap(({ booking, row }) => (row.linkedTo ? [[booking, row.linkedTo]] : [])),
  );
  const owners = decideOwners(
    [...learned.map(({ booking }) => booking), ...(terms.isLookedUp ? missing : [])],
    leads,
    linked,
  );
  for (const booking of missing) {
    if (terms.isLookedUp && !isAskedFor(booking, leads, owners)) continue;
    complaints.push(`${booking.provider} ${booking.id} (${booking.facts.at(-1)?.word}) was never learned`);
  }
  complaints.push(...checkMirrors(learned, owners.leadOf));
  const judged = learned.map((one): Judged => {
    const startMs = booking404(one) ? one.row.startMs : one.fact.startMs;
    return { ...one, startMs, standing: decideStanding(one, learned, nowMs) };
  });
  return {
    complaints,
    leads: new Map(leads.map((lead) => [lead.id, expectLead(lead.id, judged, owners)])),
  };
}

/**
 * Whether asking about every lead finds this booking. What was replaced is reached from nowhere, and HighLevel searches
 * contacts by their first address only.
 */
function isAskedFor(booking: Booking, leads: KnownLead[], { leadOf, sharersOf }: Owners): boolean {
  if (booking.facts.at(-1)?.word === "rescheduled") return false;
  if (booking.provider === "highlevel") {
    const { contactId, emails } = booking;
    return leads.some(
      (lead) =>
        (contactId !== null && lead.contactIds.includes(contactId)) || lead.emails.includes(emails[0] ?? ""),
    );
  }
  return leadOf.has(booking) || (sharersOf.get(booking)?.length ?? 0) > 0;
}

function booking404({ booking }: { booking: Booking }): boolean {
  return booking.goneMs !== null;
}

/** What the row says must be what the provider says, or what it said when it could still be read. */
function checkRow(booking: Booking, row: ObservedRow, fact: Fact, nowMs: number): string[] {
  const name = `${booking.provider} ${booking.id}`;
  const complaints: string[] = [];
  if (booking.goneMs !== null) {
    const wasLost =
      booking.facts.some(
        (f) => f.word === row.status && (f.word === "canceled" || f.word === "rescheduled"),
      ) ||
      // R4, R36: a signed word that it was deleted counts when HighLevel could not be asked.
      (booking.provider === "highlevel" && row.status === "canceled" && row.canceledMs === null);
    if (row.status !== "vanished" && !wasLost) complaints.push(`${name} is gone and says ${row.status}`);
    if (!booking.facts.some((f) => f.startMs === row.startMs)) {
      complaints.push(`${name} never began at ${row.startMs}`);
    }
    const seenMs = row.lossSeenMs ?? 0;
    if (row.status === "vanished" && (seenMs < booking.goneMs || seenMs > nowMs)) {
      complaints.push(`${name} was found missing at an impossible time`);
    }
  } else {
    if (row.status !== fact.word) complaints.push(`${name} is ${fact.word} and says ${row.status}`);
    if (row.startMs !== fact.startMs && !fact.isHidden) {
      complaints.push(`${name} begins at ${fact.startMs} and says ${row.startMs}`);
    }
  }
  if (row.status === "canceled" || row.status === "rescheduled") {
    const isToldDeleted =
      booking.provider === "highlevel" && booking.goneMs !== null && row.canceledMs === null;
    const isPossible =
      isToldDeleted ||
      booking.facts.some(
        (f) => (f.word === "canceled" || f.word === "rescheduled") && f.canceledMs === row.canceledMs,
      );
    if (!isPossible) complaints.push(`${name} was never canceled at ${row.canceledMs}`);
  }
  return complaints;
}

export type Learned = { booking: Booking; row: ObservedRow; fact: Fact };

function decideStanding({ booking, row, fact }: Learned, learned: Learned[], nowMs: number): Standing {
  if (row.mirrorOfId !== null) return "copy";
  const hasSuccessor = learned.some(
    ({ booking: other }) =>
      other.provider === booking.provider && (other.id === booking.toId || other.fromId === booking.id),
  );
  // It was checked to be possible; nobody can read it again.
  const word = booking.goneMs === null ? fact.word : (row.status as Fact["word"] | "vanished");
  switch (word) {
    case "vanished":
    case "canceled":
    case "no_show":
      return word;
    case "showed":
      return "held";
    case "rescheduled":
      // The ten minutes in which a successor may turn up are over.
      return hasSuccessor ? "superseded" : "canceled";
    case "confirmed": {
      const copies = learned.filter(
        (other) => other.row.mirrorOfId === row.id && other.booking.goneMs === null,
      );
      const copyWord =
        (["showed", "no_show"] as const).find((said) => copies.some((copy) => copy.fact.word === said)) ??
        null;
      if (copyWord === "no_show") return "no_show";
      if (copyWord === "showed") return "held";
      // R6: people speak of meetings that are over; one that was moved since is another.
      if (copyWord === null && row.mark && row.mark.atMs >= fact.endMs) {
        return row.mark.word === "no_show" ? "no_show" : "held";
      }
      return fact.endMs > nowMs ? "live" : "held";
    }
    default:
      throw new Error(`${booking.id} is ${word satisfies never}`);
  }
}

/** R1, R12, R13. */
function expectLead(leadId: string, all: Judged[], { leadOf, sharersOf }: Owners): Expected {
  const own = all.filter(({ booking }) => leadOf.get(booking) === leadId);
  const primary =
    pick(own, ["live"], (a) => a.startMs) ??
    pick(own, ["held", "no_show"], (a) => -a.startMs) ??
    pick(own, ["canceled"], (a) => -(a.row.canceledMs ?? a.startMs)) ??
    pick(own, ["vanished"], (a) => -(a.row.lossSeenMs ?? a.startMs));
  const hasVanished = own.some(({ standing }) => standing === "vanished");
  const stands = own.some(({ standing }) => standing === "live" || standing === "held");
  const isLoss = primary?.standing === "canceled" || primary?.standing === "no_show";
  const withCopies = (lost: Judged[]) => {
    const ids = lost.map(({ row }) => row.id);
    return own
      .map(({ row }) => row)
      .filter((row) => ids.includes(row.mirrorOfId ?? row.id))
      .map((row) => row.id);
  };
  return {
    state: primary ? stateOf(primary.standing) : "none",
    primaryId: primary?.booking.id ?? null,
    startMs: primary?.startMs ?? null,
    isShared: all.some(
      ({ booking, standing }) =>
        (standing === "live" || standing === "held") &&
        (sharersOf.get(booking)?.length ?? 0) > 1 &&
        sharersOf.get(booking)?.includes(leadId),
    ),
    linkedIds: own.map(({ booking }) => booking.id).sort(),
    lostRowIds: withCopies(own.filter((a) => ["canceled", "no_show", "vanished"].includes(a.standing))),
    hasVanished,
    liveRowIds: own.filter(({ standing }) => standing === "live").map(({ row }) => row.id),
    openLoss:
      primary && isLoss && !stands && !hasVanished
        ? { lostMs: lostAt(primary), rowIds: withCopies([primary]) }
        : null,
  };
}

function lostAt({ standing, row, fact }: Judged): number {
  if (standing === "no_show") return fact.endMs;
  return row.canceledMs ?? row.lossSeenMs ?? 0;
}

function pick(all: Judged[], standings: Standing[], key: (a: Judged) => number): Judged | undefined {
  return all
    .filter(({ standing }) => standings.includes(standing))
    .sort(
      (a, b) =>
        key(a) - key(b) || b.fact.updatedMs - a.fact.updatedMs || (a.booking.id < b.booking.id ? -1 : 1),
    )[0];
}

function stateOf(standing: Standing): Expected["state"] {
  if (standing === "live") return "booked";
  return standing === "superseded" || standing === "copy" ? "none" : standing;
}
