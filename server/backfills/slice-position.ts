import { z } from "zod";

/**
 * Where a slice stands, saved with every page. The provider's own cursor, and the events that the pass has listed so
 * far: HighLevel lists one meeting under its calendar and under its host, which must count once, and a pass that was
 * interrupted must not take the first half of its meetings for missing.
 */
export type SlicePosition = {
  cursor: string | null;
  seen: string[];
  /** Every page was saved: only the check for missing meetings is left. */
  isRead: boolean;
};

const positionSchema = z.object({
  cursor: z.string().nullable(),
  seen: z.array(z.string()),
  isRead: z.boolean(),
});

export const START: SlicePosition = { cursor: null, seen: [], isRead: false };

export function readPosition(text: string | null): SlicePosition {
  return text === null ? START : positionSchema.parse(JSON.parse(text));
}

export function writePosition(position: SlicePosition): string {
  return JSON.stringify(position);
}
