import type { Learned } from "./oracle.ts";
import type { Booking } from "./truth.ts";

/**
 * R7: pairs are of one lead and began together once; of several copies of one record all but one were lost at some time,
 * since a copy may be made again; and nobody who begins together is left unpaired.
 */
export function checkMirrors(learned: Learned[], leadOf: Map<Booking, string>): string[] {
  const complaints: string[] = [];
  const records = learned.filter(({ booking }) => booking.provider === "calendly");
  const copies = learned.filter(({ booking }) => booking.provider === "highlevel");
  const taken = new Set<string>();
  const neverLost = new Set<string>();
  for (const copy of copies) {
    const { mirrorOfId } = copy.row;
    if (mirrorOfId === null) continue;
    const record = records.find(({ row }) => row.id === mirrorOfId);
    const name = `highlevel ${copy.booking.id}`;
    if (!record) {
      complaints.push(`${name} is a copy of nothing that Calendly has`);
      continue;
    }
    if (!wasLost(copy)) {
      if (neverLost.has(mirrorOfId)) complaints.push(`${name} is the second copy of one record`);
      neverLost.add(mirrorOfId);
    }
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

function wasLost({ row, booking }: Learned): boolean {
  return (
    ["canceled", "vanished"].includes(row.status) || booking.facts.some(({ word }) => word === "canceled")
  );
}
