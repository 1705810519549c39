import { Checkbox as BaseCheckbox } from "@base-ui/react/checkbox";
import { Switch as BaseSwitch } from "@base-ui/react/switch";
import { Check, Minus } from "lucide-react";
import type { ReactNode } from "react";

/** A box with its label; without children it needs `label` for those who cannot see where it stands. */
export function Checkbox({
  checked,
  onChange,
  indeterminate = false,
  label,
  children,
  tabIndex,
  disabled = false,
}: {
  checked: boolean;
  onChange: (checked: boolean, event: Event) => void;
  indeterminate?: boolean;
  label?: string;
  children?: ReactNode;
  tabIndex?: number;
  disabled?: boolean;
}) {
  const box = (
    <BaseCheckbox.Root
      aria-label={label}
      checked={checked}
      indeterminate={indeterminate}
      disabled={disabled}
      tabIndex={tabIndex}
      onCheckedChange={(next, details) => onChange(next, details.event)}
      // The visible box is 16 px; the pseudo-element makes the target 24.
      className="relative inline-grid size-4 flex-none place-items-center rounded-sm border-[1.5px] border-control bg-sheet align-middle before:absolute before:-inset-1.5 data-checked:border-accent data-checked:bg-accent data-disabled:opacity-55 data-indeterminate:border-accent data-indeterminate:bg-accent"
    >
      <BaseCheckbox.Indicator className="text-paper">
        {indeterminate ? (
          <Minus aria-hidden="true" strokeWidth={3} className="size-3" />
        ) : (
          <Check aria-hidden="true" strokeWidth={3} className="size-3" />
        )}
      </BaseCheckbox.Indicator>
    </BaseCheckbox.Root>
  );
  if (!children) return box;
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the Base UI checkbox inside is the control
    <label className="flex min-h-6 items-center gap-2">
      {box}
      <span>{children}</span>
    </label>
  );
}

/** For a setting that takes effect at once. */
export function Switch({
  checked,
  onChange,
  children,
}: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the Base UI switch inside is the control
    <label className="flex min-h-6 items-center gap-2.5">
      <BaseSwitch.Root
        checked={checked}
        onCheckedChange={(next) => onChange(next)}
        className="relative inline-flex h-4.5 w-8 flex-none rounded-full border border-control bg-well p-px transition-colors data-checked:border-accent data-checked:bg-accent"
      >
        <BaseSwitch.Thumb className="size-3.5 rounded-full bg-ink-2 transition-transform data-checked:translate-x-3.5 data-checked:bg-paper" />
      </BaseSwitch.Root>
      <span>{children}</span>
    </label>
  );
}
