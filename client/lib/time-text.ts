/**
 * The words for every time on screen. Pure: the instant, the zone and "now" come in, a string comes out. Offsets are
 * those of the instant itself, never of today, so a meeting after a clock change reads right.
 */
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export const DEFAULT_LOCALE = "en-US";

const formats = new Map<string, Intl.DateTimeFormat>();

function formatWith(locale: string, zone: string, options: Intl.DateTimeFormatOptions, atMs: number): string {
  const key = `${locale}|${zone}|${JSON.stringify(options)}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(locale, { ...options, timeZone: zone });
    formats.set(key, format);
  }
  // ICU puts a narrow no-break space before AM/PM; a plain one keeps copied text and tests ordinary.
  return format.format(atMs).replace(/[\u202f\u00a0]/g, " ");
}

export function isKnownZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat(DEFAULT_LOCALE, { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

// Each English locale knows the letters of its own region only: en-US has CDT, en-GB has CET and BST, en-AU AEDT.
const ABBREVIATING_LOCALES = ["en-US", "en-GB", "en-AU", "en-NZ", "en-ZA", "en-IN"];

/** CDT, CET, AEDT; where nobody uses letters, the offset: GMT+9. */
export function abbreviateZone(atMs: number, zone: string): string {
  let text = "";
  for (const locale of ABBREVIATING_LOCALES) {
    const withZone = formatWith(
      locale,
      zone,
      { timeZoneName: "short", hour: "numeric", hour12: false },
      atMs,
    );
    text = withZone.slice(withZone.search(/[A-Z]/));
    if (!/^(GMT|UTC)[+-]/.test(text)) return text;
  }
  return text;
}

export function formatClock(atMs: number, zone: string, locale = DEFAULT_LOCALE): string {
  return formatWith(locale, zone, { hour: "numeric", minute: "2-digit" }, atMs);
}

function formatDay(atMs: number, zone: string, nowMs: number, locale: string, weekday: boolean): string {
  const year = (ms: number) => formatWith(locale, zone, { year: "numeric" }, ms);
  const text = formatWith(
    locale,
    zone,
    {
      month: "short",
      day: "numeric",
      ...(weekday ? { weekday: "short" } : {}),
      // The nearest occurrence of a month needs no year; across New Year "Jan 3" in December is still plain.
      ...(year(atMs) !== year(nowMs) && Math.abs(atMs - nowMs) > 120 * DAY_MS ? { year: "numeric" } : {}),
    },
    atMs,
  );
  return weekday ? text.replace(/^(\p{L}+),/u, "$1") : text;
}

function isSameDay(aMs: number, bMs: number, zone: string): boolean {
  const day = (ms: number) => formatWith("en-CA", zone, { dateStyle: "short" }, ms);
  return day(aMs) === day(bMs);
}

/** `Tue Mar 17, 10:00 AM CDT` */
export function formatMeeting(atMs: number, zone: string, nowMs: number, locale = DEFAULT_LOCALE): string {
  return `${formatDay(atMs, zone, nowMs, locale, true)}, ${formatClock(atMs, zone, locale)} ${abbreviateZone(atMs, zone)}`;
}

/** The same meeting for the operator: `8:00 AM your time`, with the weekday where the date differs, else `your time`. */
export function formatMeetingMine(
  atMs: number,
  leadZone: string,
  myZone: string,
  locale = DEFAULT_LOCALE,
): string {
  const wall = (zone: string) =>
    formatWith("en-CA", zone, { dateStyle: "short", timeStyle: "short", hour12: false }, atMs);
  if (wall(leadZone) === wall(myZone)) return "your time";
  const weekday = (zone: string) => formatWith(locale, zone, { weekday: "short" }, atMs);
  const day = weekday(leadZone) === weekday(myZone) ? "" : `${weekday(myZone)} `;
  return `${day}${formatClock(atMs, myZone, locale)} your time`;
}

/** `18 min`, `1 h 2 min`, `3 d`; seconds only under a minute. */
export function formatSpan(spanMs: number): string {
  const ms = Math.max(0, spanMs);
  if (ms < MINUTE_MS) return `${Math.floor(ms / 1000)} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms >= DAY_MS) return `${Math.floor(ms / DAY_MS)} d`;
  const minutes = Math.floor((ms % HOUR_MS) / MINUTE_MS);
  return `${Math.floor(ms / HOUR_MS)} h${minutes > 0 ? ` ${minutes} min` : ""}`;
}

function largestUnit(spanMs: number): string {
  return /^\d+ \w+/.exec(formatSpan(spanMs))?.[0] ?? "";
}

/** Relative for a week (`2 h ago`), then the date (`Mar 3`). A future instant reads `in 5 min`. */
export function formatAge(atMs: number, nowMs: number, myZone: string, locale = DEFAULT_LOCALE): string {
  const ageMs = nowMs - atMs;
  if (Math.abs(ageMs) >= 7 * DAY_MS) return formatDay(atMs, myZone, nowMs, locale, false);
  // One unit is enough for an age: "2 h ago", not "2 h 14 min ago".
  const span = largestUnit(Math.abs(ageMs));
  // Clocks agree to a fraction of a second at best: what just happened is not "in 0 s".
  return ageMs <= -1_000 ? `in ${span}` : `${span} ago`;
}

export type DeadlineText = { text: string; isOverdue: boolean };

/** `due in 18 min`, `42 min overdue`; beyond a day the date. The short form drops the word the column already says, and of what is overdue all but the largest unit. */
export function formatDeadline(
  atMs: number,
  nowMs: number,
  myZone: string,
  form: "long" | "short" = "long",
  locale = DEFAULT_LOCALE,
): DeadlineText {
  const leftMs = atMs - nowMs;
  if (leftMs < 0) {
    return {
      text: form === "long" ? `${formatSpan(-leftMs)} overdue` : `${largestUnit(-leftMs)} over`,
      isOverdue: true,
    };
  }
  if (leftMs < DAY_MS) {
    return { text: `${form === "long" ? "due " : ""}in ${formatSpan(leftMs)}`, isOverdue: false };
  }
  const day = formatDay(atMs, myZone, nowMs, locale, false);
  return {
    text: `${form === "long" ? "due " : ""}${day}, ${formatClock(atMs, myZone, locale)}`,
    isOverdue: false,
  };
}

/** A moment of the system in the operator's zone: `14:02` today, `Nov 18 14:02` otherwise; seconds on demand. */
export function formatMoment(
  atMs: number,
  nowMs: number,
  myZone: string,
  { seconds = false, locale = DEFAULT_LOCALE }: { seconds?: boolean; locale?: string } = {},
): string {
  const clock = formatWith(
    "en-GB",
    myZone,
    { hour: "2-digit", minute: "2-digit", ...(seconds ? { second: "2-digit" } : {}) },
    atMs,
  );
  return isSameDay(atMs, nowMs, myZone) ? clock : `${formatDay(atMs, myZone, nowMs, locale, false)} ${clock}`;
}

export function formatDate(atMs: number, nowMs: number, zone: string, locale = DEFAULT_LOCALE): string {
  return formatDay(atMs, zone, nowMs, locale, false);
}

/** All readings of one instant, for the tooltip and for copying. */
export function listReadings(
  atMs: number,
  leadZone: string | null,
  myZone: string,
  nowMs: number,
  locale = DEFAULT_LOCALE,
): { label: string; text: string }[] {
  return [
    ...(leadZone ? [{ label: "Lead", text: formatMeeting(atMs, leadZone, nowMs, locale) }] : []),
    { label: "You", text: formatMeeting(atMs, myZone, nowMs, locale) },
    { label: "UTC", text: formatMeeting(atMs, "UTC", nowMs, locale) },
    { label: "ISO", text: new Date(atMs).toISOString() },
  ];
}
