import { useEffect, useRef } from "react";

/** What the server tells: something of this kind changed. `ids` names the rows when it knows them. */
export type LiveKind = "task" | "mismatch" | "run" | "connection" | "lead";
export type LiveEvent = { kind: LiveKind; workspaceId: string; ids?: readonly string[]; at: string };

type Listener = { kinds: readonly LiveKind[]; handle: (event: LiveEvent) => void };
const listeners = new Set<Listener>();

/** Hands an event to every screen part that asked for its kind. */
export function deliverLive(event: LiveEvent): void {
  for (const listener of listeners) if (listener.kinds.includes(event.kind)) listener.handle(event);
}

/** Runs `handle` for each live event of these kinds while mounted; it need not be memoized. */
export function useLive(kinds: LiveKind | readonly LiveKind[], handle: (event: LiveEvent) => void): void {
  const latest = useRef(handle);
  useEffect(() => {
    latest.current = handle;
  });
  const key = typeof kinds === "string" ? kinds : kinds.join();
  useEffect(() => {
    const listener: Listener = {
      kinds: key.split(",") as LiveKind[],
      handle: (event) => latest.current(event),
    };
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, [key]);
}

const pauses = new Map<symbol, string>();

/** While `reason` is not null, live events wait; they are delivered when nothing holds them any more. */
export function useLivePause(reason: string | null): void {
  useEffect(() => {
    if (reason === null) return;
    const hold = Symbol(reason);
    pauses.set(hold, reason);
    return () => {
      pauses.delete(hold);
    };
  }, [reason]);
}
