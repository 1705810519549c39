import { Field as BaseField } from "@base-ui/react/field";
import { clsx } from "clsx";
import type { ComponentProps, ReactNode } from "react";

/** Label, control, hint and error, tied together for every reader. The error replaces nothing: the hint stays. */
export function Field({
  label,
  hint,
  error,
  children,
  className,
}: {
  label: ReactNode;
  hint?: ReactNode;
  error?: string | null | undefined;
  children: ReactNode;
  className?: string;
}) {
  return (
    <BaseField.Root invalid={Boolean(error)} className={clsx("grid gap-1", className)}>
      <BaseField.Label className="font-medium">{label}</BaseField.Label>
      {children}
      {error && (
        <BaseField.Error match={true} className="flex items-baseline gap-1.5 text-xs text-doubt">
          {error}
        </BaseField.Error>
      )}
      {hint && <BaseField.Description className="text-xs text-ink-3">{hint}</BaseField.Description>}
    </BaseField.Root>
  );
}

const CONTROL =
  "w-full rounded-md border border-control bg-sheet px-2.5 text-ink data-invalid:border-doubt disabled:bg-well disabled:text-ink-3";

/** A text input; inside `<Field>` it takes the field's label, hint and error. */
export function Input({ className, ...rest }: ComponentProps<typeof BaseField.Control>) {
  return <BaseField.Control className={clsx(CONTROL, "h-8", className)} {...rest} />;
}

export function Textarea({ className, ...rest }: ComponentProps<"textarea">) {
  return (
    <BaseField.Control
      render={<textarea className={clsx(CONTROL, "min-h-16 py-1.5", className)} {...rest} />}
    />
  );
}
