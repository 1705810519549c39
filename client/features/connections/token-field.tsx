import { Eye, EyeOff } from "lucide-react";
import { type ClipboardEvent, type ReactNode, useState } from "react";
import { Field, Input } from "#client/components/ui/field.tsx";

/** A secret on its way to the server: never filled in by the browser, hidden unless asked for, gone once it is saved. */
export function TokenField({
  label,
  hint,
  value,
  onChange,
  onPasted,
  disabled = false,
}: {
  label: string;
  hint?: ReactNode;
  value: string;
  onChange: (token: string) => void;
  /** A whole token arrived at once. */
  onPasted?: (token: string) => void;
  disabled?: boolean;
}) {
  const [isShown, setIsShown] = useState(false);
  const handlePaste = (event: ClipboardEvent<HTMLElement>) => {
    const text = event.clipboardData.getData("text").trim();
    if (!text || value) return;
    event.preventDefault();
    onChange(text);
    onPasted?.(text);
  };
  const Icon = isShown ? EyeOff : Eye;
  return (
    <Field label={label} hint={hint}>
      <span className="relative block">
        <Input
          type={isShown ? "text" : "password"}
          autoComplete="off"
          spellCheck={false}
          data-1p-ignore=""
          data-lpignore="true"
          value={value}
          disabled={disabled}
          onChange={(event) => onChange(event.target.value)}
          onPaste={handlePaste}
          className="pr-10 font-mono"
        />
        <button
          type="button"
          aria-label={isShown ? "Hide the token" : "Show the token"}
          aria-pressed={isShown}
          onClick={() => setIsShown(!isShown)}
          className="absolute top-1 right-1 grid size-6 place-items-center rounded-sm text-ink-3 hover:bg-hover hover:text-ink"
        >
          <Icon aria-hidden="true" className="size-3.5" />
        </button>
      </span>
    </Field>
  );
}
