import { z } from "zod";

/**
 * Where a slice stands, saved with every page. The provider's own cursor, and the events that the pass has listed so
 * far: HighLevel lists one meeting under its calendar and under its host, which must count once, and a pass that was
 * interrupted must not take the first half of its meetings for missing.
 */
export type SlicePosition = {
  cursor: string | null;
  seen: string[];
  /** Of these: events whose people were not all listed, to be asked for by id at the end. */
  doubted: string[];
  /** Events of the page at `cursor` that were read before the provider's limit cut it short. */
  part: string[];
  /** The page does not fit into what the limit leaves: the next try keeps its place until it does. */
  isStuck: boolean;
  /** Every page was saved: only the check for missing meetings is left. */
  isRead: boolean;
};

const positionSchema = z.object({
  cursor: z.string().nullable(),
  seen: z.array(z.string()),
  doubted: z.array(z.string()).default([]),
  part: z.array(z.string()).default([]),
  isStuck: z.boolean().default(false),
  isRead: z.boolean(),
});

const START: SlicePosition = {
  cursor: null,
  seen: [],
  doubted: [],
  part: [],
  isStuck: false,
  isRead: false,
};

export function readPosition(text: string | null): SlicePosition {
  return text === null ? START : positionSchema.parse(JSON.parse(text));
}

export function writePosition(position: SlicePosition): string {
  return JSON.stringify(position);
}
