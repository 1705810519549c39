import { useSyncExternalStore } from "react";

/**
 * One clock for every age and countdown on screen: the browser's time corrected by what the server last said, ticking
 * from a single shared timer. A laptop whose clock is wrong still shows true ages.
 */
let skewMs = 0;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

export function setServerNow(serverNow: string | Date): void {
  const serverMs = new Date(serverNow).getTime();
  if (Number.isNaN(serverMs)) return;
  const nextSkewMs = serverMs - Date.now();
  // Network delay makes small differences; following each of them would make ages jump back and forth.
  if (Math.abs(nextSkewMs - skewMs) < 1000) return;
  skewMs = nextSkewMs;
  for (const listener of listeners) listener();
}

export function readNowMs(): number {
  return Date.now() + skewMs;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The corrected time, rounded down to `resolutionMs` so that a component renders only when its text could change. */
export function useNowMs(resolutionMs = 1000): number {
  return useSyncExternalStore(subscribe, () => Math.floor(readNowMs() / resolutionMs) * resolutionMs);
}
