import type { ReactNode, Ref } from "react";

/** A designed nothing: what is true, what comes next. The heading takes focus when the last row leaves. */
export function EmptyState({
  title,
  children,
  action,
  headingRef,
}: {
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
  headingRef?: Ref<HTMLHeadingElement>;
}) {
  return (
    <div className="grid max-w-prose justify-items-start gap-1.5 px-5 py-12 text-ink-2">
      <h2
        ref={headingRef}
        tabIndex={-1}
        data-empty-heading=""
        className="text-md font-semibold text-ink outline-none"
      >
        {title}
      </h2>
      {children && <p>{children}</p>}
      {action && <div className="pt-2">{action}</div>}
    </div>
  );
}
