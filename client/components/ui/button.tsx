import { clsx } from "clsx";
import { LoaderCircle } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { type Action, runAction } from "#client/lib/actions.ts";
import { ariaKeyshortcuts } from "#client/lib/key-chord.ts";
import { Kbd } from "./kbd.tsx";

type Variant = "primary" | "default" | "quiet" | "danger";

const VARIANTS: Record<Variant, string> = {
  primary: "bg-ink text-paper border-ink font-medium hover:bg-ink/88",
  default: "bg-sheet text-ink border-rule-strong hover:bg-hover",
  quiet: "bg-transparent text-ink-2 border-transparent hover:bg-hover hover:text-ink",
  danger: "bg-lost text-paper border-lost font-medium hover:bg-lost/88",
};

export type ButtonProps = Omit<ComponentProps<"button">, "type"> & {
  variant?: Variant;
  size?: "sm" | "md";
  type?: "button" | "submit";
  /** Shown on the button; registering it is the action registry's work. */
  keys?: string | undefined;
  icon?: ReactNode;
  isBusy?: boolean;
};

/** Primary is ink, one per view; danger only destroys data. While busy it keeps its size and cannot be pressed again. */
export function Button({
  variant = "default",
  size = "md",
  type = "button",
  keys,
  icon,
  isBusy = false,
  className,
  children,
  onClick,
  ...rest
}: ButtonProps) {
  return (
    <button
      type={type}
      aria-busy={isBusy || undefined}
      aria-keyshortcuts={keys ? ariaKeyshortcuts(keys) : undefined}
      onClick={isBusy ? (event) => event.preventDefault() : onClick}
      className={clsx(
        "inline-flex items-center justify-center gap-2 rounded-md border whitespace-nowrap transition-colors",
        "disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:cursor-not-allowed aria-disabled:opacity-55",
        size === "md" ? "h-8 px-3" : "h-7 px-2 text-xs",
        VARIANTS[variant],
        className,
      )}
      {...rest}
    >
      {isBusy ? <LoaderCircle aria-hidden="true" className="size-3.5 animate-spin" /> : icon}
      {children}
      {keys && <Kbd keys={keys} />}
    </button>
  );
}

type ActionButtonProps = Omit<ButtonProps, "onClick" | "keys" | "children"> & {
  action: Action;
  children?: ReactNode;
};

/**
 * The button of a registered action: its label, its key, its effect as description. A disabled one stays focusable and
 * says why, so nobody has to guess.
 */
export function ActionButton({ action, children, className, ...rest }: ActionButtonProps) {
  const isOff = action.enabled === false;
  return (
    <Button
      {...rest}
      keys={action.keys?.[0]}
      aria-disabled={isOff || undefined}
      title={isOff ? action.reason : undefined}
      onClick={() => runAction(action)}
      className={className}
    >
      {children ?? action.label}
    </Button>
  );
}

/** Two lines, for decision bars: key, label, and under it what pressing does. */
export function OutcomeButton({ action, className }: { action: Action; className?: string }) {
  const isOff = action.enabled === false;
  const [keys] = action.keys ?? [];
  const hint = isOff ? action.reason : action.effect;
  return (
    <button
      type="button"
      aria-disabled={isOff || undefined}
      aria-keyshortcuts={keys ? ariaKeyshortcuts(keys) : undefined}
      onClick={() => runAction(action)}
      className={clsx(
        "grid min-h-12 grid-cols-[auto_1fr] content-center items-center rounded-md border border-rule-strong bg-sheet px-2.5 py-1.5 text-left transition-colors",
        isOff ? "cursor-not-allowed text-ink-3" : "hover:bg-hover",
        className,
      )}
    >
      {keys && <Kbd keys={keys} className="row-span-2 mr-2.5" />}
      <b className="col-start-2 truncate">{action.label}</b>
      {hint && <small className="col-start-2 line-clamp-2 text-2xs text-ink-3">{hint}</small>}
    </button>
  );
}
