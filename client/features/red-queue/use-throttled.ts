import { useCallback, useEffect, useRef } from "react";

/** Runs at once, then at most every `gapMs`, the last call never lost: a burst of events is one or two reads. */
export function useThrottled(run: () => void, gapMs: number): () => void {
  const latest = useRef(run);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const lastAtMs = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    latest.current = run;
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(() => {
    if (timer.current !== undefined) return;
    const waitMs = lastAtMs.current + gapMs - performance.now();
    const fire = () => {
      timer.current = undefined;
      lastAtMs.current = performance.now();
      latest.current();
    };
    if (waitMs <= 0) fire();
    else timer.current = setTimeout(fire, waitMs);
  }, [gapMs]);
}
