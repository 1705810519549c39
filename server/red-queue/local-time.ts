import { Temporal } from "temporal-polyfill";

/** Working hours for calls, on the lead's own clock. */
export const CALL_FROM_HOUR = 9;
export const CALL_UNTIL_HOUR = 18;

/** Whose clock counts: the lead's; where it is unknown the workspace's, and the screen says so. */
export function chooseZone(
  leadZone: string | null,
  workspaceZone: string,
): { zone: string; isGuess: boolean } {
  if (leadZone !== null && isKnownZone(leadZone)) return { zone: leadZone, isGuess: false };
  return { zone: isKnownZone(workspaceZone) ? workspaceZone : "UTC", isGuess: true };
}

export function isKnownZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: zone });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** The hour on the clock of `zone`, 0 to 23. */
export function readLocalHour(at: Date, zone: string): number {
  return toZoned(at, zone).hour;
}

/** `hour`:00 on the day that lies `days` after the local day of `at`. An hour that a clock change skips becomes the next one. */
export function atLocalHour(at: Date, zone: string, days: number, hour: number): Date {
  const day = toZoned(at, zone).toPlainDate().add({ days });
  const zoned = day.toZonedDateTime({ timeZone: zone, plainTime: Temporal.PlainTime.from({ hour }) });
  return new Date(zoned.epochMilliseconds);
}

/** The first instant of the local day; not always midnight where clocks change at night. */
export function startOfLocalDay(at: Date, zone: string): Date {
  return new Date(toZoned(at, zone).startOfDay().epochMilliseconds);
}

function toZoned(at: Date, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(zone);
}
