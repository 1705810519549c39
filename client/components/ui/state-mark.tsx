import { clsx } from "clsx";
import type { ReactNode } from "react";
import { type Shape, TONE_TEXT, type Tone } from "#client/lib/tone.ts";

/** Word, shape and colour of a state, in that order of importance. */
export function StateMark({
  shape,
  tone,
  children,
  className,
}: {
  shape: Shape;
  tone: Tone;
  children: ReactNode;
  className?: string;
}) {
  return (
    <span
      className={clsx("inline-flex max-w-full items-center gap-2 font-medium", TONE_TEXT[tone], className)}
    >
      <ShapeMark shape={shape} />
      <span className="truncate">{children}</span>
    </span>
  );
}

/** The shape alone, in the current colour; decoration beside a word. */
export function ShapeMark({ shape, className }: { shape: Shape; className?: string }) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 12 12"
      className={clsx("size-2.75 flex-none", className)}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      {SHAPES[shape]}
    </svg>
  );
}

const SHAPES: Record<Shape, ReactNode> = {
  square: <rect x="0.5" y="0.5" width="11" height="11" rx="1.6" fill="currentColor" stroke="none" />,
  triangle: <path d="M6 0.8 11.6 11H0.4z" fill="currentColor" stroke="none" />,
  "triangle-hollow": <path d="M6 1.8 10.8 10.4H1.2z" />,
  flag: <path d="M1.8 11.4V1h8L7.6 3.9l2.2 2.9h-8" />,
  clock: (
    <>
      <circle cx="6" cy="6" r="5" />
      <path d="M6 3v3.1l2 1.1" />
    </>
  ),
  half: (
    <>
      <circle cx="6" cy="6" r="5" />
      <path d="M6 1a5 5 0 0 1 0 10z" fill="currentColor" stroke="none" />
    </>
  ),
  check: <path d="M1.6 6.6 4.6 9.6 10.6 2.8" />,
  none: (
    <>
      <circle cx="6" cy="6" r="5" />
      <path d="M2.6 9.4l6.8-6.8" />
    </>
  ),
  pause: <path d="M3.6 1.6v8.8M8.4 1.6v8.8" strokeWidth="2.4" />,
  dot: <circle cx="6" cy="6" r="4" fill="currentColor" stroke="none" />,
};
