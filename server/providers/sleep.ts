import { setTimeout as wait } from "node:timers/promises";

/** Waits, or rejects as soon as `signal` aborts; given as a dependency so that tests do not wait. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

export const systemSleep: Sleep = async (ms, signal) => {
  await wait(ms, undefined, { signal });
};
