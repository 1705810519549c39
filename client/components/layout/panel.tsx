import { X } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { useActions } from "#client/lib/actions.ts";

/**
 * The work beside the list: a column from 1280 px, an overlay of 60 % from 900, the whole screen below. Actions with
 * scope `panel` work while focus is in it, or on its row in the list. Not modal: the list stays in reach where there
 * is room for both.
 */
export function Panel({
  title,
  subtitle,
  aside,
  children,
  footer,
  onClose,
  group,
  closeLabel = "Close panel",
  takesFocus = false,
}: {
  title: ReactNode;
  subtitle?: ReactNode;
  /** Right of the title: who has it, a state. */
  aside?: ReactNode;
  children: ReactNode;
  /** The decision bar, always in view. */
  footer?: ReactNode;
  onClose: () => void;
  group: string;
  closeLabel?: string;
  /** Moves focus in when it opens, for panels that replace the list's attention (a preview, a form). */
  takesFocus?: boolean;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (takesFocus) heading.current?.focus();
  }, [takesFocus]);
  useActions([
    {
      id: "panel.close",
      label: closeLabel,
      keys: ["escape"],
      scope: "panel",
      group,
      hidden: true,
      run: onClose,
    },
  ]);
  return (
    <aside
      data-action-scope="panel"
      aria-labelledby="panel-title"
      className="z-20 flex min-h-0 flex-col border-l border-rule bg-sheet max-lg:shadow-pop max-md:fixed max-md:inset-0 max-md:border-l-0 md:max-lg:absolute md:max-lg:inset-y-0 md:max-lg:right-0 md:max-lg:w-3/5 lg:w-110"
    >
      <header className="border-b border-rule px-5.5 pt-4 pb-3.5">
        <div className="flex items-start gap-3">
          <h2
            ref={heading}
            id="panel-title"
            tabIndex={-1}
            className="min-w-0 flex-1 text-lg font-semibold tracking-tight break-words outline-none"
          >
            {title}
          </h2>
          {aside}
          <button
            type="button"
            aria-label={closeLabel}
            onClick={onClose}
            className="-mr-2 grid size-7 flex-none place-items-center rounded-md text-ink-3 hover:bg-hover hover:text-ink"
          >
            <X aria-hidden="true" className="size-4" />
          </button>
        </div>
        {subtitle && <div className="mt-0.5 wrap-anywhere text-ink-2">{subtitle}</div>}
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto px-5.5 pb-5">{children}</div>
      {footer && <footer className="border-t border-rule bg-paper px-5.5 pt-3 pb-4">{footer}</footer>}
    </aside>
  );
}

/** Two columns of `<OutcomeButton>`s. */
export function DecisionGrid({ children }: { children: ReactNode }) {
  return <div className="grid grid-cols-2 gap-1.5">{children}</div>;
}
