import { z } from "zod";

const cursorShape = z.object({
  /** Which way the page lies from the row that the cursor names. */
  to: z.enum(["next", "prev"]),
  key: z.string(),
  id: z.uuid(),
  /** Position of the first row of the page, from 1. */
  from: z.number().int().min(1),
});

export type PageCursor = z.infer<typeof cursorShape>;

export function writeCursor(cursor: PageCursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString("base64url");
}

/** Null for anything that is not a cursor of ours: the page then starts again at its beginning. */
export function readCursor(text: string): PageCursor | null {
  try {
    return cursorShape.parse(JSON.parse(Buffer.from(text, "base64url").toString()));
  } catch {
    return null;
  }
}
