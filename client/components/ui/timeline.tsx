import { clsx } from "clsx";
import type { ReactNode } from "react";

/** What a dot says: a provider proves a booking, a provider proves a loss, a conversation claims, nobody knows, or merely that something happened. */
export type TimelineDot = "proof" | "lost" | "claim" | "unknown" | "neutral";

const DOTS: Record<TimelineDot, string> = {
  proof: "bg-proof border-proof",
  lost: "bg-lost border-lost",
  claim: "bg-sheet border-dashed border-doubt",
  unknown: "bg-sheet border-dotted border-ink-3",
  neutral: "bg-ink-2 border-ink-2",
};

/** Evidence in order: who says, what, as of when. An ordered list of `<TimelineItem>`. */
export function Timeline({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ol
      aria-label={label}
      className="relative grid gap-3 pl-5 before:absolute before:top-2 before:bottom-2 before:left-[4.5px] before:w-px before:bg-rule-strong"
    >
      {children}
    </ol>
  );
}

export function TimelineItem({
  dot,
  title,
  meta,
  children,
}: {
  dot: TimelineDot;
  title: ReactNode;
  /** When and who: `2 h ago · Calendly webhook`. */
  meta?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <li className="relative">
      <span
        aria-hidden="true"
        className={clsx(
          "keeps-colour absolute top-1.25 -left-5 size-2.5 rounded-full border-[1.5px]",
          DOTS[dot],
        )}
      />
      <span className="mr-1.5">{title}</span>
      {meta && <span className="text-xs text-ink-3">{meta}</span>}
      {children}
    </li>
  );
}

/** Somebody's own words. */
export function Quote({ children }: { children: ReactNode }) {
  return <blockquote className="mt-1 border-l-2 border-rule-strong pl-2.5 text-ink-2">{children}</blockquote>;
}
