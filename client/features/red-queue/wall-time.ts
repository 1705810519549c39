/** `2026-03-10T15:30` on the clock of `zone`: how a date-and-time field speaks. */
export function writeWallTime(atMs: number, zone: string): string {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(atMs);
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? "00";
  return `${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}`;
}

/**
 * The instant at which the clock of `zone` shows this; null for what is no time. A time that a clock change skips is
 * read with the offset from before it, one that comes twice is the first of the two.
 */
export function readWallTime(text: string, zone: string): Date | null {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(text)) return null;
  const wallMs = Date.parse(`${text}:00Z`);
  if (Number.isNaN(wallMs)) return null;
  const dayMs = 24 * 3_600_000;
  const offsets = [wallMs - dayMs, wallMs + dayMs].map((atMs) => readOffsetMs(atMs, zone));
  const candidates = offsets.map((offset) => wallMs - offset);
  const exact = candidates.filter((atMs) => writeWallTime(atMs, zone) === text).sort((a, b) => a - b);
  return new Date(exact[0] ?? candidates[0] ?? wallMs);
}

function readOffsetMs(atMs: number, zone: string): number {
  return Date.parse(`${writeWallTime(atMs, zone)}:00Z`) - Math.floor(atMs / 60_000) * 60_000;
}

/** Times that are promised most often, on the lead's clock; only those that lie ahead. */
export function listCallBackTimes(nowMs: number, zone: string): { label: string; at: Date }[] {
  const today = writeWallTime(nowMs, zone).slice(0, 10);
  const tomorrow = writeWallTime(nowMs + 24 * 3_600_000, zone).slice(0, 10);
  const at = (label: string, day: string, clock: string) => {
    const instant = readWallTime(`${day}T${clock}`, zone);
    return instant ? [{ label, at: instant }] : [];
  };
  const inAnHour = new Date(Math.ceil((nowMs + 3_600_000) / 300_000) * 300_000);
  return [
    { label: "In an hour", at: inAnHour },
    ...at("Today 3 PM", today, "15:00"),
    ...at("Tomorrow 9 AM", tomorrow, "09:00"),
    ...at("Tomorrow 3 PM", tomorrow, "15:00"),
  ].filter((time) => time.at.getTime() > nowMs);
}
