import { clsx } from "clsx";
import { useRef } from "react";

/**
 * A run's bar: done solid green, already known grey, needing attention amber. It never runs backwards, even when the
 * total grows. Without a total it shows only what is done, as words; the bar then stays empty and says so to a reader.
 */
export function ProgressBar({
  done,
  known = 0,
  failed = 0,
  total,
  label,
  size = "md",
}: {
  done: number;
  known?: number;
  failed?: number;
  total: number | null;
  label: string;
  size?: "sm" | "md";
}) {
  const all = done + known + failed;
  const share = total && total > 0 ? Math.min(1, all / total) : 0;
  const highest = useRef(0);
  highest.current = Math.max(highest.current, share);
  const percent = Math.floor(highest.current * 100);
  const part = (count: number) => (all > 0 ? `${(count / all) * highest.current * 100}%` : "0%");
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={total === null ? undefined : percent}
      aria-valuetext={
        total === null ? `${all.toLocaleString("en-US")} so far, total unknown` : `${percent} %`
      }
      className={clsx(
        "keeps-colour flex overflow-hidden border border-rule bg-well",
        size === "md" ? "h-5.5 rounded-md" : "h-1.5 rounded-full",
        total === null && "border-dotted border-rule-strong",
      )}
    >
      <span className="bg-proof transition-[width]" style={{ width: part(done) }} />
      <span className="bg-rule-strong transition-[width]" style={{ width: part(known) }} />
      <span className="bg-doubt transition-[width]" style={{ width: part(failed) }} />
    </div>
  );
}
