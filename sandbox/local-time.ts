/** Zone rules change on the hour at most, so one look-up serves every instant of that quarter of an hour. */
const QUARTER_MS = 900_000;
const MOST_REMEMBERED = 50_000;
const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

/** Minutes that a zone is ahead of UTC at an instant. */
export function findOffsetMinutes(zone: string, ms: number): number {
  const quarter = Math.floor(ms / QUARTER_MS);
  const key = `${zone}|${quarter}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  if (offsets.size > MOST_REMEMBERED) offsets.clear();
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
    formats.set(zone, format);
  }
  const name = format.formatToParts(quarter * QUARTER_MS).find((part) => part.type === "timeZoneName")?.value;
  const match = /GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(name ?? "");
  const minutes = Number(match?.[2] ?? 0) * 60 + Number(match?.[3] ?? 0);
  const offset = match?.[1] === "-" ? -minutes : minutes;
  offsets.set(key, offset);
  return offset;
}

/** ISO 8601 with the zone's numeric offset, e.g. `2026-11-25T10:00:00-05:00`. */
export function formatWithOffset(zone: string, ms: number): string {
  const offset = findOffsetMinutes(zone, ms);
  const sign = offset < 0 ? "-" : "+";
  const size = Math.abs(offset);
  const hours = String(Math.floor(size / 60)).padStart(2, "0");
  const minutes = String(size % 60).padStart(2, "0");
  return `${wall(offset, ms)}${sign}${hours}:${minutes}`;
}

/** `YYYY-MM-DD HH:mm:ss` as a clock on the wall of that zone shows it; says nothing about the zone. */
export function formatWallTime(zone: string, ms: number): string {
  return wall(findOffsetMinutes(zone, ms), ms).replace("T", " ");
}

/** The instant at which that zone's wall clock shows this day and minute; in a gap, the one after it. */
export function findInstant(zone: string, dayMs: number, minuteOfDay: number): number {
  const naive = Math.floor(dayMs / 86_400_000) * 86_400_000 + minuteOfDay * 60_000;
  const guess = naive - findOffsetMinutes(zone, naive) * 60_000;
  return naive - findOffsetMinutes(zone, guess) * 60_000;
}

function wall(offsetMinutes: number, ms: number): string {
  return new Date(ms + offsetMinutes * 60_000).toISOString().slice(0, 19);
}
