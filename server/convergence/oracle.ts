import type { Booking, Fact } from "./truth.ts";

/*
 * What the console must show at the end, worked out from the sandbox's own records by code of its own. Four things no
 * record can tell, since they depend on when we looked; they are taken as observed and checked to be possible:
 * whether a booking that is gone was ever learned, when it was found missing, when a HighLevel booking was canceled
 * (it only dates its last change), and which pairs were once seen to be mirrors (R7: a pair survives moves).
 */

export type KnownLead = { id: string; emails: string[]; contactIds: string[] };

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
};

export type Expected = {
  state: "none" | "booked" | "held" | "canceled" | "no_show" | "vanished";
  primaryId: string | null;
  startMs: number | null;
  /** R13: a booking that stands under an address of this lead and of another. */
  isShared: boolean;
  linkedIds: string[];
  /** The loss that stands for the lead, with its time, when nothing else stands and nothing vanished. */
  openLoss: { lostMs: number } | null;
  /** Rows whose meeting is canceled, missed or gone; the copy of such a one says the same of it. */
  lostRowIds: string[];
  hasVanished: boolean;
};

type Standing = "live" | "held" | "canceled" | "no_show" | "vanished" | "superseded" | "copy";
type Judged = { booking: Booking; row: ObservedRow; fact: Fact; standing: Standing; startMs: number };

export type Judgement = { leads: Map<string, Expected>; complaints: string[] };

export function judgeWorld(
  bookings: Booking[],
  leads: KnownLead[],
  rows: ObservedRow[],
  nowMs: number,
): Judgement {
  const complaints: string[] = [];
  const rowOf = new Map(rows.map((row) => [`${row.provider} ${row.providerId}`, row]));
  const learned: { booking: Booking; row: ObservedRow; fact: Fact }[] = [];
  for (const booking of bookings) {
    const row = rowOf.get(`${booking.provider} ${booking.id}`);
    const fact = booking.facts.at(-1) ?? booking.facts[0];
    // Nobody can learn of what is in no list any more (R5).
    if (!row && (booking.goneMs !== null || fact.isHidden)) continue;
    if (!row) complaints.push(`${booking.provider} ${booking.id} (${fact.word}) was never learned`);
    else learned.push({ booking, row, fact });
  }
  for (const row of rows) {
    if (!bookings.some((b) => b.provider === row.provider && b.id === row.providerId)) {
      complaints.push(`${row.provider} ${row.providerId} never existed`);
    }
  }
  for (const { booking, row, fact } of learned) complaints.push(...checkRow(booking, row, fact, nowMs));

  const owners = decideOwners(
    learned.map(({ booking }) => booking),
    leads,
  );
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

function booking404({ booking }: { booking: Booking }): boolean {
  return booking.goneMs !== null;
}

/** What the row says must be what the provider says, or what it said when it could still be read. */
function checkRow(booking: Booking, row: ObservedRow, fact: Fact, nowMs: number): string[] {
  const name = `${booking.provider} ${booking.id}`;
  const complaints: string[] = [];
  if (booking.goneMs !== null) {
    const wasLost = booking.facts.some(
      (f) => f.word === row.status && (f.word === "canceled" || f.word === "rescheduled"),
    );
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
    const isPossible = booking.facts.some(
      (f) => (f.word === "canceled" || f.word === "rescheduled") && f.canceledMs === row.canceledMs,
    );
    if (!isPossible) complaints.push(`${name} was never canceled at ${row.canceledMs}`);
  }
  return complaints;
}

type Owners = { leadOf: Map<Booking, string>; sharersOf: Map<Booking, string[]> };

/**
 * R8, R13, R16: each booking finds its leads by contact id, else by address; one that finds several is nobody's. What
 * replaced a lead's booking is the lead's, whatever it would find; what nobody would claim is whose replacement is.
 */
function decideOwners(bookings: Booking[], leads: KnownLead[]): Owners {
  const own = new Map(bookings.map((booking) => [booking, findLeads(booking, leads)]));
  const leadOf = new Map<Booking, string>();
  for (const chain of new Set(bookings.map((booking) => chainOf(booking, bookings)))) {
    let before: string | undefined;
    for (const member of chain) {
      const [found, ...others] = own.get(member) ?? [];
      before ??= others.length === 0 ? found : undefined;
      if (before) leadOf.set(member, before);
    }
    for (const [at, member] of [...chain.entries()].reverse()) {
      const next = chain[at + 1];
      const after = next && leadOf.get(next);
      if (after && !leadOf.has(member) && own.get(member)?.length === 0) leadOf.set(member, after);
    }
  }
  const nobodys = bookings.filter((booking) => !leadOf.has(booking));
  return { leadOf, sharersOf: new Map(nobodys.map((booking) => [booking, own.get(booking) ?? []])) };
}

function findLeads(booking: Booking, leads: KnownLead[]): string[] {
  const byContact = leads.filter(
    (lead) => booking.contactId !== null && lead.contactIds.includes(booking.contactId),
  );
  const found =
    byContact.length > 0
      ? byContact
      : leads.filter((lead) => lead.emails.some((email) => booking.emails.includes(email)));
  return found.map(({ id }) => id);
}

/** All bookings that follow one another through links, the earliest first. */
function chainOf(booking: Booking, bookings: Booking[]): Booking[] {
  if (booking.provider !== "calendly") return [booking];
  const before = (b: Booking) => bookings.find((x) => x.id === b.fromId || x.toId === b.id);
  const after = (b: Booking) => bookings.find((x) => x.id === b.toId || x.fromId === b.id);
  const chain = [booking];
  for (let at = before(booking); at; at = before(at)) chain.unshift(at);
  for (let at = after(booking); at; at = after(at)) chain.push(at);
  return chain;
}

type Learned = { booking: Booking; row: ObservedRow; fact: Fact };

/** R7: pairs are of one lead, began together once, one to one; and nobody who begins together is left unpaired. */
function checkMirrors(learned: Learned[], leadOf: Map<Booking, string>): string[] {
  const complaints: string[] = [];
  const records = learned.filter(({ booking }) => booking.provider === "calendly");
  const copies = learned.filter(({ booking }) => booking.provider === "highlevel");
  const taken = new Set<string>();
  for (const copy of copies) {
    const { mirrorOfId } = copy.row;
    if (mirrorOfId === null) continue;
    const record = records.find(({ row }) => row.id === mirrorOfId);
    const name = `highlevel ${copy.booking.id}`;
    if (!record) {
      complaints.push(`${name} is a copy of nothing that Calendly has`);
      continue;
    }
    if (taken.has(mirrorOfId)) complaints.push(`${name} is the second copy of one record`);
    taken.add(mirrorOfId);
    if (leadOf.get(copy.booking) !== leadOf.get(record.booking) || !leadOf.has(copy.booking)) {
      complaints.push(`${name} is a copy of another lead's meeting`);
    }
    const together = copy.booking.facts.some((f) =>
      record.booking.facts.some((g) => g.startMs === f.startMs),
    );
    if (!together) complaints.push(`${name} never began when its record did`);
  }
  for (const copy of copies) {
    if (copy.row.mirrorOfId !== null || copy.booking.goneMs !== null) continue;
    const twin = records.find(
      (record) =>
        !taken.has(record.row.id) &&
        record.booking.goneMs === null &&
        leadOf.has(copy.booking) &&
        leadOf.get(record.booking) === leadOf.get(copy.booking) &&
        record.fact.startMs === copy.fact.startMs,
    );
    // A hidden one may have been moved after it was read for the last time.
    if (twin && !copy.fact.isHidden) complaints.push(`highlevel ${copy.booking.id} has an unpaired mirror`);
  }
  return complaints;
}

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
      const copy = learned.find((other) => other.row.mirrorOfId === row.id);
      const copyWord = copy && copy.booking.goneMs === null ? copy.fact.word : null;
      if (copyWord === "no_show") return "no_show";
      if (copyWord === "showed") return "held";
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
    openLoss: primary && isLoss && !stands && !hasVanished ? { lostMs: lostAt(primary) } : null,
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
