/** What a colour may mean. Red (lost) is a meeting lost and not yet re-booked; trouble of the system is doubt (amber). */
export type Tone = "proof" | "lost" | "doubt" | "accent" | "neutral" | "quiet";

/** A state's shape, so that it can be told without colour. */
export type Shape =
  | "square"
  | "triangle"
  | "triangle-hollow"
  | "flag"
  | "clock"
  | "half"
  | "check"
  | "none"
  | "dot"
  | "pause";

export const TONE_TEXT: Record<Tone, string> = {
  proof: "text-proof",
  lost: "text-lost",
  doubt: "text-doubt",
  accent: "text-accent",
  neutral: "text-ink",
  quiet: "text-ink-3",
};
