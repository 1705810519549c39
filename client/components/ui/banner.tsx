import type { ReactNode } from "react";
import { ShapeMark } from "./state-mark.tsx";

/** Trouble of the system, in amber and in words: since when, what it does to the data, and the button that helps. */
export function Banner({
  title,
  children,
  action,
  placement = "card",
}: {
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
  /** A strip spans the list above its table; a card stands inside a page. */
  placement?: "card" | "strip";
}) {
  return (
    <div
      role="status"
      className={
        placement === "card"
          ? "flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border border-doubt bg-doubt-soft px-4.5 py-3.5"
          : "flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-doubt bg-doubt-soft px-5 py-2"
      }
    >
      <ShapeMark shape="half" className="text-doubt" />
      <div className="min-w-60 flex-1">
        <b className="font-semibold">{title}</b>
        {children && (
          <span className={placement === "card" ? "block text-ink-2" : "ml-1.5 text-ink-2"}>{children}</span>
        )}
      </div>
      {action}
    </div>
  );
}
