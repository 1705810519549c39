import { useEffect, useRef, useSyncExternalStore } from "react";
import { setServerNow, useNowMs } from "#client/lib/clock.ts";
import { reportReachable, useReachability } from "#client/lib/reachability.ts";
import { reportSignedOut } from "#client/lib/signed-out.ts";
import { queryClient } from "#client/lib/trpc.ts";
import { decideLiveState, type LiveState } from "./decide-live-state.ts";
import { readAgain } from "./read-again.ts";
import { shareLive } from "./share-live.ts";

export type LiveKind = "task" | "mismatch" | "run" | "connection" | "lead" | "booking";
/** Something of this kind changed; `ids` names the rows. The screen asks again for what it shows. */
export type LiveEvent = { kind: LiveKind; workspaceId: string; ids: readonly string[]; at: string };

type Listener = { kinds: readonly LiveKind[]; handle: (event: LiveEvent) => void };
type StreamFacts = { lastSignalMs: number | null; startedMs: number; isCatchingUp: boolean };

const listeners = new Set<Listener>();
const holds = new Map<symbol, string>();
let waiting: LiveEvent[] = [];
const seenIds = new Set<string>();
const SEEN_LIMIT = 1000;

let facts: StreamFacts = { lastSignalMs: null, startedMs: Date.now(), isCatchingUp: false };
let retry: () => void = () => {};
const watchers = new Set<() => void>();

function notify(): void {
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

function setFacts(change: Partial<StreamFacts>): void {
  facts = { ...facts, ...change };
  notify();
}

function dispatch(event: LiveEvent): void {
  // What another screen had read is old from now on: who comes back to it must not be shown it as fresh.
  void queryClient.invalidateQueries({ type: "inactive", refetchType: "none" });
  for (const listener of listeners) if (listener.kinds.includes(event.kind)) listener.handle(event);
}

/** Takes one event in: once per id, and held back while something pauses updates. */
export function deliverLive(id: string, event: LiveEvent): void {
  if (seenIds.has(id)) return;
  seenIds.add(id);
  if (seenIds.size > SEEN_LIMIT) for (const oldest of seenIds) if (seenIds.delete(oldest)) break;
  if (holds.size === 0) {
    dispatch(event);
    return;
  }
  waiting = [...waiting, event];
  notify();
}

/** Delivers what waits, without ending the pause: the "12 new · show" pill. */
export function showWaiting(): void {
  const events = waiting;
  waiting = [];
  notify();
  for (const event of events) dispatch(event);
}

/** Runs `handle` for each live event of these kinds while mounted; it need not be memoized. */
export function useLive(kinds: LiveKind | readonly LiveKind[], handle: (event: LiveEvent) => void): void {
  const latest = useRef(handle);
  useEffect(() => {
    latest.current = handle;
  });
  const key = typeof kinds === "string" ? kinds : kinds.join();
  useEffect(() => {
    // The key was joined from kinds, so its parts are kinds.
    const wanted = key.split(",") as LiveKind[];
    const listener: Listener = { kinds: wanted, handle: (event) => latest.current(event) };
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, [key]);
}

/** While `reason` is not null, live events wait; they are delivered when nothing holds them any more. */
export function useLivePause(reason: string | null): void {
  useEffect(() => {
    if (reason === null) return;
    const hold = Symbol(reason);
    holds.set(hold, reason);
    notify();
    return () => {
      holds.delete(hold);
      if (holds.size === 0) showWaiting();
      else notify();
    };
  }, [reason]);
}

/** How many rows changed behind the pause. */
export function useWaitingCount(): number {
  return useSyncExternalStore(watch, () => new Set(waiting.flatMap((event) => event.ids)).size);
}

/** What the live chip says. Bulk commits are off unless this is `live` or `paused`. */
export function useLiveState(): LiveState {
  const current = useSyncExternalStore(watch, () => facts);
  const pauseReason = useSyncExternalStore(watch, () => [...holds.values()].at(-1) ?? null);
  const reach = useReachability();
  // Silence is measured on the browser's own clock; the shared ticker only says when to look again.
  useNowMs(1000);
  return decideLiveState({ ...current, ...reach, pauseReason }, Date.now());
}

export function retryLive(): void {
  retry();
}

const CATCH_UP_MS = 1500;

/** Follows one workspace, or all of an admin's, while mounted. The shell mounts it once. */
export function useLiveConnection(userId: string, workspace: string): void {
  useEffect(() => {
    let hasOpened = false;
    let catchUp: ReturnType<typeof setTimeout> | undefined;
    setFacts({ lastSignalMs: null, startedMs: Date.now(), isCatchingUp: false });
    const connection = shareLive(userId, workspace, {
      onEvent: deliverLive,
      onSignal: (serverNow) => {
        setServerNow(serverNow);
        reportReachable();
        setFacts({ lastSignalMs: Date.now() });
      },
      onOpen: (resumed) => {
        // Whatever changed between the reading of the screens and this moment came as no event.
        if (!resumed) void readAgain({});
        if (hasOpened) {
          clearTimeout(catchUp);
          setFacts({ isCatchingUp: true });
          catchUp = setTimeout(() => setFacts({ isCatchingUp: false }), CATCH_UP_MS);
        }
        hasOpened = true;
      },
      onSignedOut: reportSignedOut,
    });
    retry = connection.retry;
    return () => {
      clearTimeout(catchUp);
      retry = () => {};
      connection.stop();
    };
  }, [userId, workspace]);
}
