import { clsx } from "clsx";
import { describeKeys } from "#client/lib/key-chord.ts";

/** A key cap. `keys` is what the registry takes: `mod+k`, `g q`, `shift+1`. Hidden from speech: the label names the action. */
export function Kbd({ keys, className }: { keys: string; className?: string }) {
  return (
    <span
      aria-hidden="true"
      className={clsx("inline-flex items-center gap-0.5 pointer-coarse:hidden", className)}
    >
      {describeKeys(keys).map((cap, index) => (
        <kbd
          // The same cap may repeat in a sequence (g g); position is its identity.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          key={index}
          className="inline-grid min-w-5 place-items-center rounded-sm border border-b-2 border-rule bg-sheet px-1 py-0.5 font-sans text-2xs leading-none font-medium text-ink-2 in-[.bg-ink]:border-current/40 in-[.bg-ink]:bg-transparent in-[.bg-ink]:text-current"
        >
          {cap}
        </kbd>
      ))}
    </span>
  );
}
