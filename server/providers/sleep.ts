import { setTimeout as wait } from "node:timers/promises";

/** Waits, or rejects with the signal's reason as soon as it aborts; given as a dependency so that tests do not wait. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

export const systemSleep: Sleep = async (ms, signal) => {
  try {
    await wait(ms, undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
};
