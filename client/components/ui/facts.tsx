import { clsx } from "clsx";
import { Fragment, type ReactNode } from "react";

/** Label and value, in two columns of one grid; `isWide` sets two pairs beside each other where a page has the room. */
export function Facts({
  facts,
  isWide = false,
}: {
  facts: readonly { label: string; value: ReactNode; tone?: "proof" | "lost" | "doubt" }[];
  isWide?: boolean;
}) {
  return (
    <dl
      className={clsx(
        "grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5",
        isWide && "lg:grid-cols-[auto_1fr_auto_1fr]",
      )}
    >
      {facts.map((fact) => (
        <Fragment key={fact.label}>
          <dt className="text-ink-3">{fact.label}</dt>
          <dd
            className={clsx(
              "min-w-0 break-words",
              fact.tone === "proof" && "text-proof",
              fact.tone === "lost" && "text-lost",
              fact.tone === "doubt" && "text-doubt",
            )}
          >
            {fact.value}
          </dd>
        </Fragment>
      ))}
    </dl>
  );
}

/** A number that carries the line: `312 meetings nobody had recorded`. */
export function BigFact({
  count,
  children,
  tone,
}: {
  count: number;
  children: ReactNode;
  tone?: "lost" | "doubt" | "quiet";
}) {
  return (
    <p className="flex items-baseline gap-2.5 py-1">
      <b
        className={clsx(
          "min-w-14 text-right text-xl font-semibold tracking-tight",
          tone === "lost" && "text-lost",
          tone === "doubt" && "text-doubt",
          tone === "quiet" && "text-ink-3",
        )}
      >
        {count.toLocaleString("en-US")}
      </b>
      <span className="text-ink-2">{children}</span>
    </p>
  );
}

/** A titled part of a panel. */
export function Section({
  title,
  aside,
  children,
}: {
  title: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className="pt-4">
      <h3 className="mb-2 flex flex-wrap items-baseline justify-between gap-x-3 text-xs font-medium text-ink-3">
        {title}
        {aside && <span className="font-normal">{aside}</span>}
      </h3>
      {children}
    </section>
  );
}

/** A titled box on a page. */
export function Card({
  title,
  aside,
  children,
  className,
}: {
  title?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <section className={clsx("rounded-lg border border-rule bg-sheet px-5 py-4.5", className)}>
      {title && (
        <h2 className="mb-2 flex flex-wrap items-baseline justify-between gap-x-3 text-xs font-medium text-ink-3">
          {title}
          {aside && <span className="font-normal">{aside}</span>}
        </h2>
      )}
      {children}
    </section>
  );
}
