import { Switch as BaseSwitch } from "@base-ui/react/switch";
import type { ReactNode } from "react";

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
