import { performance } from "node:perf_hooks";

export type QuotaState = { limit: number; remaining: number; resetMs: number; isExceeded: boolean };

/**
 * Fixed windows that begin with the first call in them and refill at once. They follow the machine's monotonic
 * time, not the sandbox clock: moving the clock must not hand out quota, nor may standing still withhold it.
 */
export class Quota {
  readonly #windows = new Map<string, { startedMs: number; used: number }>();

  take(key: string, limit: number, lengthMs: number): QuotaState {
    const now = performance.now();
    let window = this.#windows.get(key);
    if (!window || now - window.startedMs >= lengthMs) {
      window = { startedMs: now, used: 0 };
      this.#windows.set(key, window);
    }
    window.used += 1;
    return {
      limit,
      remaining: Math.max(0, limit - window.used),
      resetMs: Math.max(0, Math.ceil(lengthMs - (now - window.startedMs))),
      isExceeded: window.used > limit,
    };
  }

  reset(): void {
    this.#windows.clear();
  }
}
