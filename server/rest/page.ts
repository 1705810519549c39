import { z } from "zod";
import { AppError } from "#server/lib/errors.ts";
import { findUnstorable, isStorableTime } from "#server/lib/storable.ts";

const MAX_LIMIT = 500;

/** The two parameters that every list has. */
export const pageQuery = {
  cursor: z.string().max(500).optional(),
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(100),
};

export type Page<T> = { rows: T[]; next: string | null; asOf: Date };

/** The lists that have pages. */
export type ListName = "appointments" | "connections" | "leads" | "mismatches" | "tasks";

/**
 * A place in a list: its name, the sort key of the last row that was given, and its id. Opaque to whoever holds it, and
 * without a workspace: it says where to go on, never in whose rows.
 */
function writeCursor(list: ListName, [key, id]: readonly [string, string]): string {
  return Buffer.from(JSON.stringify([list, key, id])).toString("base64url");
}

/** The list's own name and shapes, so that a cursor of another one is refused. */
export function readCursor<T>(
  list: ListName,
  cursor: string | undefined,
  first: z.ZodType<T>,
  id: z.ZodType<string> = z.uuid(),
): [T, string] | null {
  if (cursor === undefined) return null;
  const parsed = z.tuple([z.literal(list), first, id]).safeParse(parseJson(cursor));
  if (!parsed.success || findUnstorable(parsed.data)) {
    throw new AppError("bad_cursor", "This cursor is not one of this list.");
  }
  const [, key, rowId] = parsed.data;
  return [key, rowId];
}

/** For lists that are sorted by time. */
export const cursorTime = z.iso.datetime().refine((text) => isStorableTime(new Date(text)));

/** A time in a query. */
export const queryTime = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .refine(isStorableTime, { error: "is no time that anything could have happened at" });

/** Cuts the row that was read beyond the limit and says where to go on. */
export function toPage<R, T>(
  list: ListName,
  found: R[],
  { limit, asOf }: { limit: number; asOf: Date },
  { place, map }: { place: (row: R) => readonly [string, string]; map: (row: R) => T },
): Page<T> {
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return {
    rows: shown.map(map),
    next: found.length > limit && last ? writeCursor(list, place(last)) : null,
    asOf,
  };
}

function parseJson(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    return null;
  }
}
