import { z } from "zod";

export const QUEUE_SORTS = ["next", "lead", "lost", "was", "tries", "due", "closed"] as const;
export type QueueSort = (typeof QUEUE_SORTS)[number];
export type SortDirection = "asc" | "desc";

/** Where a page begins: beside which row, in which order, as it was at which moment. Opaque to everybody else. */
const cursorSchema = z.object({
  sort: z.enum(QUEUE_SORTS),
  dir: z.enum(["asc", "desc"]),
  key: z.string().max(400),
  id: z.uuid(),
  /** "Overdue" and "callable now" are read at the first page's moment, so that pages fit together. */
  at: z.iso.datetime(),
  /** Position of the page's first row, from 1. */
  from: z.number().int().min(1),
  isBackward: z.boolean(),
});

export type QueueCursor = z.infer<typeof cursorSchema>;

export function writeQueueCursor(cursor: QueueCursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString("base64url");
}

/** Null for anything that is not a cursor of this very order: the list then begins at its first page. */
export function readQueueCursor(
  text: string | null,
  order: { sort: QueueSort; dir: SortDirection },
): QueueCursor | null {
  if (text === null) return null;
  const parsed = cursorSchema.safeParse(parseJson(Buffer.from(text, "base64url").toString("utf8")));
  if (!parsed.success || parsed.data.sort !== order.sort || parsed.data.dir !== order.dir) return null;
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
