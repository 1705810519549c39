import { type Ref, useEffect, useState } from "react";
import { Kbd } from "#client/components/ui/kbd.tsx";

/** The filter of a list: applies 200 ms after the last key, at once on Enter; Esc empties it, a second Esc leaves. */
export function FilterBox({
  value,
  onChange,
  label,
  placeholder = "Filter…",
  inputRef,
}: {
  value: string;
  onChange: (value: string) => void;
  label: string;
  placeholder?: string;
  inputRef?: Ref<HTMLInputElement>;
}) {
  const [draft, setDraft] = useState(value);
  const [seen, setSeen] = useState(value);
  const [sent, setSent] = useState(value);
  // The value changed from outside (Back, a cleared chip): it wins over an old draft. Our own change coming back does not.
  if (value !== seen) {
    setSeen(value);
    if (value !== sent) {
      setSent(value);
      setDraft(value);
    }
  }
  const send = (next: string) => {
    setSent(next);
    onChange(next);
  };
  useEffect(() => {
    if (draft === sent) return;
    const timer = setTimeout(() => {
      setSent(draft);
      onChange(draft);
    }, 200);
    return () => clearTimeout(timer);
  }, [draft, sent, onChange]);
  return (
    <span className="relative inline-flex min-w-40 flex-1 max-sm:basis-full sm:max-w-64">
      <input
        ref={inputRef}
        type="search"
        aria-label={label}
        placeholder={placeholder}
        value={draft}
        data-filter-box=""
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") send(draft);
          if (event.key !== "Escape") return;
          event.preventDefault();
          if (draft) setDraft("");
          else event.currentTarget.closest("main")?.focus();
        }}
        className="h-8 w-full rounded-md border border-control/70 bg-well pr-8 pl-2.5 [&::-webkit-search-cancel-button]:hidden"
      />
      <Kbd keys="/" className="pointer-events-none absolute top-1.5 right-1.5" />
    </span>
  );
}
