import { useSyncExternalStore } from "react";

/** Calls in a row that got no answer at all. An error status is an answer. */
let failedCalls = 0;
const listeners = new Set<() => void>();

function setFailedCalls(next: number): void {
  if (next === failedCalls) return;
  failedCalls = next;
  for (const listener of listeners) listener();
}

/** fetch that keeps count, for every call to the server. */
export async function countedFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  try {
    const response = await fetch(input, init);
    setFailedCalls(0);
    return response;
  } catch (error) {
    // A call that we gave up ourselves says nothing about the server.
    if (!init?.signal?.aborted) setFailedCalls(failedCalls + 1);
    throw error;
  }
}

/** The stream heard the server: whatever failed before is over. */
export function reportReachable(): void {
  setFailedCalls(0);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

export function useReachability(): { isOnline: boolean; failedCalls: number } {
  const isOnline = useSyncExternalStore(subscribe, () => navigator.onLine);
  const failed = useSyncExternalStore(subscribe, () => failedCalls);
  return { isOnline, failedCalls: failed };
}
