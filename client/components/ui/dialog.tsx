import { Dialog as BaseDialog } from "@base-ui/react/dialog";
import { clsx } from "clsx";
import { X } from "lucide-react";
import { type ReactNode, type RefObject, useRef } from "react";
import { useReturnFocus } from "./use-return-focus.ts";

type LayerProps = {
  isOpen: boolean;
  onClose: () => void;
  title: ReactNode;
  description?: ReactNode;
  children?: ReactNode;
  /** Buttons, the one that matters first. */
  footer?: ReactNode;
  initialFocus?: RefObject<HTMLElement | null>;
};

/** What a person fills in or presses first. */
const FIELDS = ":is(input, textarea, button):not([aria-hidden=true], [tabindex='-1'])";
const VEIL =
  "fixed inset-0 z-40 bg-veil transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0";

/**
 * A question that must be answered before going on. Its own actions use the scope `dialog`; Esc closes it and focus
 * returns to where it was. For anything a person may want to look past, use a panel or a `<Sheet>`.
 */
export function Dialog({ isOpen, onClose, title, description, children, footer, initialFocus }: LayerProps) {
  const returnFocus = useReturnFocus(isOpen);
  return (
    <BaseDialog.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className={VEIL} />
        <BaseDialog.Viewport className="fixed inset-0 z-40 grid place-items-center overflow-y-auto p-4">
          <BaseDialog.Popup
            data-action-scope="dialog"
            initialFocus={initialFocus}
            finalFocus={returnFocus}
            className="grid w-full max-w-112 gap-3 rounded-lg border border-rule bg-sheet p-5 shadow-pop outline-none transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0"
          >
            <BaseDialog.Title className="text-md font-semibold">{title}</BaseDialog.Title>
            {description && (
              <BaseDialog.Description className="text-ink-2">{description}</BaseDialog.Description>
            )}
            {children}
            {footer && <div className="flex flex-wrap gap-2 pt-1">{footer}</div>}
          </BaseDialog.Popup>
        </BaseDialog.Viewport>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

/** A form or a detail from the right edge: whole height, the page stays in view behind it. */
export function Sheet({
  isOpen,
  onClose,
  title,
  description,
  children,
  footer,
  initialFocus,
  side = "right",
}: LayerProps & { side?: "right" | "left" }) {
  const returnFocus = useReturnFocus(isOpen);
  const body = useRef<HTMLDivElement>(null);
  // What one came for comes first, not the cross above it.
  const focusFirstField = () => body.current?.querySelector<HTMLElement>(FIELDS) ?? true;
  return (
    <BaseDialog.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className={VEIL} />
        <BaseDialog.Popup
          data-action-scope="dialog"
          initialFocus={initialFocus ?? focusFirstField}
          finalFocus={returnFocus}
          className={clsx(
            "fixed inset-y-0 z-40 flex w-full max-w-120 flex-col bg-sheet shadow-pop outline-none transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0",
            side === "right" ? "right-0 border-l border-rule" : "left-0 border-r border-rule",
          )}
        >
          <header className="flex items-start justify-between gap-4 border-b border-rule px-5.5 pt-4 pb-3.5">
            <div className="grid gap-0.5">
              <BaseDialog.Title className="text-lg font-semibold tracking-tight">{title}</BaseDialog.Title>
              {description && (
                <BaseDialog.Description className="text-ink-2">{description}</BaseDialog.Description>
              )}
            </div>
            <BaseDialog.Close
              aria-label="Close"
              className="grid size-8 flex-none place-items-center rounded-md text-ink-2 hover:bg-hover hover:text-ink"
            >
              <X aria-hidden="true" className="size-4" />
            </BaseDialog.Close>
          </header>
          <div ref={body} className="min-h-0 flex-1 overflow-y-auto px-5.5 py-4">
            {children}
          </div>
          {footer && (
            <footer className="flex flex-wrap gap-2 border-t border-rule bg-paper px-5.5 py-3">
              {footer}
            </footer>
          )}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}
