import { Select as BaseSelect } from "@base-ui/react/select";
import { clsx } from "clsx";
import { Check, ChevronsUpDown } from "lucide-react";

export type SelectOption<T extends string> = { value: T; label: string; hint?: string };

/** One of a few. Put it in a `<Field>` for its label, or pass `label` where there is no room for one. */
export function Select<T extends string>({
  value,
  options,
  onChange,
  label,
  className,
  disabled = false,
}: {
  value: T | null;
  options: readonly SelectOption<T>[];
  onChange: (value: T) => void;
  label?: string;
  className?: string;
  disabled?: boolean;
}) {
  return (
    <BaseSelect.Root
      items={options.map(({ value, label }) => ({ value, label }))}
      value={value}
      disabled={disabled}
      onValueChange={(next) => next !== null && onChange(next)}
    >
      <BaseSelect.Trigger
        aria-label={label}
        className={clsx(
          "inline-flex h-8 min-w-32 items-center justify-between gap-2 rounded-md border border-control bg-sheet px-2.5 hover:bg-hover disabled:opacity-55",
          className,
        )}
      >
        <BaseSelect.Value className="truncate" placeholder="Choose…" />
        <ChevronsUpDown aria-hidden="true" className="size-3.5 flex-none text-ink-3" />
      </BaseSelect.Trigger>
      <BaseSelect.Portal>
        <BaseSelect.Positioner sideOffset={4} alignItemWithTrigger={false} className="z-50">
          <BaseSelect.Popup className="max-h-(--available-height) min-w-(--anchor-width) overflow-y-auto rounded-md border border-rule bg-sheet py-1 shadow-pop outline-none">
            <BaseSelect.List>
              {options.map((option) => (
                <BaseSelect.Item
                  key={option.value}
                  value={option.value}
                  className="grid cursor-default grid-cols-[1rem_1fr] items-baseline gap-x-2 px-2.5 py-1.5 outline-none data-highlighted:bg-hover"
                >
                  <BaseSelect.ItemIndicator className="col-start-1">
                    <Check aria-hidden="true" className="size-3.5 translate-y-0.5" />
                  </BaseSelect.ItemIndicator>
                  <BaseSelect.ItemText className="col-start-2">{option.label}</BaseSelect.ItemText>
                  {option.hint && <small className="col-start-2 text-xs text-ink-3">{option.hint}</small>}
                </BaseSelect.Item>
              ))}
            </BaseSelect.List>
          </BaseSelect.Popup>
        </BaseSelect.Positioner>
      </BaseSelect.Portal>
    </BaseSelect.Root>
  );
}
