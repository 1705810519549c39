import { clsx } from "clsx";
import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { announce } from "#client/lib/announce.ts";

function useCopied(): [boolean, (text: string) => void] {
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = (text: string) => {
    copyText(text).then(
      () => {
        setIsCopied(true);
        announce("Copied.");
      },
      () => announce("The browser refused to copy. Select the text and copy it by hand."),
    );
  };
  return [isCopied, copy];
}

/** Puts text on the clipboard; rejects where the browser refuses. */
export async function copyText(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
}

/** A small square beside something worth copying; `label` says what: "Copy phone number". */
export function CopyButton({ text, label, className }: { text: string; label: string; className?: string }) {
  const [isCopied, copy] = useCopied();
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      onClick={() => copy(text)}
      className={clsx(
        "inline-grid size-6 place-items-center rounded-sm align-middle text-ink-3 hover:bg-hover hover:text-ink",
        className,
      )}
    >
      {isCopied ? (
        <Check aria-hidden="true" className="size-3.5 text-proof" />
      ) : (
        <Copy aria-hidden="true" className="size-3.5" />
      )}
    </button>
  );
}

/** An id in small mono that copies itself when pressed. */
export function CopyText({ text }: { text: string }) {
  const [isCopied, copy] = useCopied();
  return (
    <button
      type="button"
      title={`Copy ${text}`}
      onClick={() => copy(text)}
      className="inline-flex min-h-6 items-center gap-1 rounded-sm px-1 font-mono text-2xs text-ink-2 hover:bg-hover hover:text-ink"
    >
      {text}
      {isCopied && <Check aria-hidden="true" className="size-3 text-proof" />}
    </button>
  );
}
