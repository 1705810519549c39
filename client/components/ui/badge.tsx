import { clsx } from "clsx";
import type { ReactNode } from "react";
import type { Tone } from "#client/lib/tone.ts";

const SOLID: Record<Tone, string> = {
  proof: "bg-proof-soft text-proof",
  lost: "bg-lost-soft text-lost",
  doubt: "bg-doubt-soft text-doubt",
  accent: "bg-accent-soft text-accent",
  neutral: "bg-well text-ink",
  quiet: "bg-well text-ink-2",
};

const BASE =
  "inline-flex h-5.5 max-w-full items-center gap-1.5 truncate rounded-sm px-2 text-xs align-middle";

/** What a provider says: solid. `source` speaks first (`Calendly canceled 2 d`). */
export function Evidence({
  source,
  tone = "neutral",
  children,
}: {
  source?: ReactNode;
  tone?: Tone;
  children: ReactNode;
}) {
  return (
    <span className={clsx(BASE, "mark-evidence", SOLID[tone])}>
      {source && <span>{source}</span>}
      <span className={clsx(source && tone === "neutral" && "text-ink-2")}>{children}</span>
    </span>
  );
}

/** What the conversation says: dashed. */
export function Claim({ children }: { children: ReactNode }) {
  return <span className={clsx(BASE, "mark-claim text-doubt")}>{children}</span>;
}

/** What nobody has checked: dotted. */
export function Unknown({ children }: { children: ReactNode }) {
  return <span className={clsx(BASE, "mark-unknown text-ink-3")}>{children}</span>;
}

/** A filter or a fact that can be named in a word or two; neither evidence nor claim. */
export function Chip({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <span
      className={clsx(
        "inline-flex h-6 items-center gap-1.5 rounded-full border border-rule bg-sheet px-2.5 text-xs whitespace-nowrap text-ink-2",
        className,
      )}
    >
      {children}
    </span>
  );
}
