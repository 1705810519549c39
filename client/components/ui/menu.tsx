import { Menu as BaseMenu } from "@base-ui/react/menu";
import { Check } from "lucide-react";
import { type ReactElement, type ReactNode, useState } from "react";
import { Kbd } from "./kbd.tsx";

const ITEM =
  "flex min-h-7 cursor-default items-center gap-2 px-3 py-1 outline-none select-none data-disabled:text-ink-3 data-highlighted:bg-hover";

export function Menu({
  trigger,
  children,
  align = "end",
}: {
  trigger: ReactElement<Record<string, unknown>>;
  children: ReactNode;
  align?: "start" | "end";
}) {
  // Opens inside the landmark of its trigger, so that a reader who moves by landmarks finds it.
  const [host, setHost] = useState<HTMLElement | null>(null);
  return (
    <BaseMenu.Root>
      <span ref={setHost} className="contents">
        <BaseMenu.Trigger render={trigger} />
      </span>
      <BaseMenu.Portal container={host}>
        <BaseMenu.Positioner align={align} sideOffset={6} positionMethod="fixed" className="z-50">
          <BaseMenu.Popup className="max-h-(--available-height) min-w-52 overflow-y-auto rounded-md border border-rule bg-sheet py-1 shadow-pop outline-none">
            {children}
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  );
}

export function MenuItem({
  onSelect,
  keys,
  children,
  disabled = false,
}: {
  onSelect: () => void;
  keys?: string | undefined;
  children: ReactNode;
  disabled?: boolean;
}) {
  return (
    <BaseMenu.Item onClick={onSelect} disabled={disabled} className={ITEM}>
      <span className="flex-1">{children}</span>
      {keys && <Kbd keys={keys} />}
    </BaseMenu.Item>
  );
}

/** A choice of one, as a labelled group; the menu stays open so that the effect can be seen. */
export function MenuChoice<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
}) {
  return (
    <BaseMenu.RadioGroup value={value} onValueChange={(next) => onChange(next as T)}>
      <BaseMenu.GroupLabel className="px-3 pt-1.5 pb-0.5 text-xs text-ink-3">{label}</BaseMenu.GroupLabel>
      {options.map((option) => (
        <BaseMenu.RadioItem key={option.value} value={option.value} closeOnClick={false} className={ITEM}>
          <span className="grid size-4 place-items-center">
            <BaseMenu.RadioItemIndicator>
              <Check aria-hidden="true" className="size-3.5" />
            </BaseMenu.RadioItemIndicator>
          </span>
          {option.label}
        </BaseMenu.RadioItem>
      ))}
    </BaseMenu.RadioGroup>
  );
}

export function MenuSwitch({
  checked,
  onChange,
  children,
}: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: ReactNode;
}) {
  return (
    <BaseMenu.CheckboxItem
      checked={checked}
      onCheckedChange={(next) => onChange(next)}
      closeOnClick={false}
      className={ITEM}
    >
      <span className="grid size-4 place-items-center">
        <BaseMenu.CheckboxItemIndicator>
          <Check aria-hidden="true" className="size-3.5" />
        </BaseMenu.CheckboxItemIndicator>
      </span>
      {children}
    </BaseMenu.CheckboxItem>
  );
}

export function MenuSeparator() {
  return <BaseMenu.Separator className="my-1 border-t border-rule" />;
}
