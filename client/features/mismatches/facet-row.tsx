import { clsx } from "clsx";
import { X } from "lucide-react";
import type { MismatchCause } from "#client/lib/trpc.ts";
import { MISMATCH_CAUSES } from "#client/lib/vocabulary.ts";
import { describeWord, FILTER_KEYS, type FilterWords } from "./filter-text.ts";

const CHIP =
  "inline-flex h-6.5 items-center gap-1.5 rounded-full border px-2.5 text-xs whitespace-nowrap hover:bg-hover";

/** Causes with their counts, and the other filters that hold; each chip is a switch. */
export function FacetRow({
  causes,
  words,
  onChange,
}: {
  causes: readonly { cause: MismatchCause | null; count: number }[];
  words: FilterWords;
  onChange: (words: FilterWords) => void;
}) {
  const chosen = words.cause?.split(",") ?? [];
  const toggle = (cause: MismatchCause) => {
    const next = chosen.includes(cause) ? chosen.filter((each) => each !== cause) : [...chosen, cause];
    onChange({ ...words, cause: next.length > 0 ? next.join(",") : undefined });
  };
  const others = FILTER_KEYS.filter((key) => key !== "cause" && words[key]);
  return (
    <div className="flex min-w-0 flex-wrap gap-1.5 max-sm:flex-nowrap max-sm:overflow-x-auto">
      {causes.flatMap(({ cause, count }) =>
        cause ? (
          <button
            key={cause}
            type="button"
            aria-pressed={chosen.includes(cause)}
            title={MISMATCH_CAUSES[cause].help}
            onClick={() => toggle(cause)}
            className={clsx(
              CHIP,
              chosen.includes(cause) ? "border-accent bg-accent-soft text-accent" : "border-rule bg-sheet",
            )}
          >
            {MISMATCH_CAUSES[cause].label} <b>{count.toLocaleString("en-US")}</b>
          </button>
        ) : (
          []
        ),
      )}
      {others.map((key) => (
        <button
          key={key}
          type="button"
          onClick={() => onChange({ ...words, [key]: undefined })}
          className={clsx(CHIP, "border-accent bg-accent-soft text-accent")}
        >
          <span className="sr-only">Remove filter: </span>
          {describeWord(key, words[key] ?? "")}
          <X aria-hidden="true" className="size-3" />
        </button>
      ))}
    </div>
  );
}
