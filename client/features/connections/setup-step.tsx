import { clsx } from "clsx";
import { Children, type ReactNode } from "react";
import { ShapeMark } from "#client/components/ui/state-mark.tsx";

type StepState = "done" | "current" | "waiting" | "skipped";

const SHAPE = { done: "check", current: "half", waiting: "none", skipped: "none" } as const;
const WORD: Record<StepState, string> = {
  done: "done",
  current: "to do",
  waiting: "later",
  skipped: "without",
};

/** One step of a setup that ticks itself: a number, what it is about, and its form while it is its turn. */
export function SetupStep({
  number,
  title,
  state,
  summary,
  children,
}: {
  number: number;
  title: string;
  state: StepState;
  /** What is settled, in a line. */
  summary?: ReactNode;
  children?: ReactNode;
}) {
  // Conditions that are all off are children too.
  const hasForm = Children.toArray(children).length > 0;
  return (
    <li className="grid grid-cols-[2rem_1fr] border-b border-rule px-5 py-4 last:border-b-0">
      <span
        aria-hidden="true"
        className={clsx(
          "pt-0.5",
          state === "done" ? "text-proof" : state === "current" ? "text-accent" : "text-ink-3",
        )}
      >
        {state === "done" || state === "skipped" ? (
          <ShapeMark shape={SHAPE[state]} className="mt-1" />
        ) : (
          <span className="tabular-nums">{number}</span>
        )}
      </span>
      <div className="grid min-w-0 gap-1">
        <h2 className={clsx("font-medium", state === "waiting" && "text-ink-3")}>
          {title}
          <span className="sr-only">, {WORD[state]}</span>
        </h2>
        {summary && <div className="text-ink-2">{summary}</div>}
        {hasForm && <div className="grid max-w-xl gap-3 pt-2">{children}</div>}
      </div>
    </li>
  );
}
