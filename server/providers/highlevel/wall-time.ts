import { Temporal } from "temporal-polyfill";

/** `overlap`: the clock shows it twice that night; `gap`: never. Both are settled, and only by a guess. */
type WallTimeCertainty = "exact" | "overlap" | "gap";

export type ProviderInstant = { at: Date; certainty: WallTimeCertainty };

const WALL_TIME = /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/;
const ZONED_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/i;

/**
 * The instant behind either spelling that HighLevel uses for one appointment: with an offset (events, by
 * id), or as bare wall time of the location (contact appointments). Null when the text is neither, or the
 * zone is unknown. In an overlap the earlier instant is taken, in a gap the later one.
 */
export function readInstant(text: string, timezone: string): ProviderInstant | null {
  const trimmed = text.trim();
  if (ZONED_TIME.test(trimmed)) {
    const at = new Date(trimmed);
    return Number.isNaN(at.getTime()) ? null : { at, certainty: "exact" };
  }
  if (!WALL_TIME.test(trimmed)) return null;
  try {
    const wall = Temporal.PlainDateTime.from(trimmed.replace(" ", "T"), { overflow: "reject" });
    const earlier = wall.toZonedDateTime(timezone, { disambiguation: "earlier" });
    const later = wall.toZonedDateTime(timezone, { disambiguation: "later" });
    const at = (zoned: Temporal.ZonedDateTime) => new Date(zoned.epochMilliseconds);
    if (earlier.epochMilliseconds === later.epochMilliseconds) return { at: at(later), certainty: "exact" };
    // In a gap neither reading shows the wall time that was asked for.
    const isGap = !later.toPlainDateTime().equals(wall);
    return isGap ? { at: at(later), certainty: "gap" } : { at: at(earlier), certainty: "overlap" };
  } catch (error) {
    // A date that does not exist, or a zone that is not known.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** The spelling of contact appointments. */
export function formatWallTime(at: Date, timezone: string): string {
  const zoned = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timezone);
  return zoned.toPlainDateTime().toString({ smallestUnit: "second" }).replace("T", " ");
}

export function isKnownTimezone(timezone: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timezone);
    return true;
  } catch {
    return false;
  }
}
