import { Check, Minus } from "lucide-react";
import { type ReactNode, useLayoutEffect, useRef } from "react";

/** A box with its label; without children it needs `label` for those who cannot see where it stands. */
export function Checkbox({
  checked,
  onChange,
  indeterminate = false,
  label,
  children,
  tabIndex,
}: {
  checked: boolean;
  onChange: (checked: boolean, event: Event) => void;
  indeterminate?: boolean;
  label?: string;
  children?: ReactNode;
  tabIndex?: number;
}) {
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    // HTML has no attribute for it.
    if (input.current) input.current.indeterminate = indeterminate;
  }, [indeterminate]);
  const box = (
    <span className="relative inline-grid size-4 flex-none place-items-center rounded-sm border-[1.5px] border-control bg-sheet align-middle text-paper outline-offset-1 outline-accent has-checked:border-accent has-checked:bg-accent has-indeterminate:border-accent has-indeterminate:bg-accent has-focus-visible:outline-2">
      {/* The visible box is 16 px, the target 24. */}
      <input
        ref={input}
        type="checkbox"
        aria-label={label}
        checked={checked}
        tabIndex={tabIndex}
        onChange={(event) => onChange(event.target.checked, event.nativeEvent)}
        className="absolute -inset-[5.5px] opacity-0"
      />
      {indeterminate && <Minus aria-hidden="true" strokeWidth={3} className="size-3" />}
      {checked && !indeterminate && <Check aria-hidden="true" strokeWidth={3} className="size-3" />}
    </span>
  );
  if (!children) return box;
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the input is inside the box
    <label className="flex min-h-6 items-center gap-2">
      {box}
      <span>{children}</span>
    </label>
  );
}
