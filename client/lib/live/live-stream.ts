import { readError, trpcClient } from "#client/lib/trpc.ts";
import type { LiveEvent } from "./live.ts";

export type StreamHandlers = {
  onEvent: (id: string, event: LiveEvent) => void;
  /** Any sign of life, with the server's time. */
  onSignal: (serverNow: string) => void;
  /** The stream was (re)opened; `resumed` when it asked for what it missed. */
  onOpen: (resumed: boolean) => void;
  onSignedOut: () => void;
};

const RETRY_MS = 2000;
/** The server pings every 5 s; after this much silence the connection is dead, whatever the browser believes. */
const SILENCE_MS = 12_000;

/** Holds the one SSE subscription of this browser open until stopped, resuming after the last id it saw. */
export function openLiveStream(
  workspace: string,
  readLastId: () => string | undefined,
  handlers: StreamHandlers,
): () => void {
  let stopped = false;
  let subscription: { unsubscribe: () => void } | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function reopenAfter(ms: number): void {
    clearTimeout(timer);
    if (stopped) return;
    timer = setTimeout(() => {
      subscription?.unsubscribe();
      open();
    }, ms);
  }

  function open(): void {
    const lastEventId = readLastId();
    let isFirst = true;
    reopenAfter(SILENCE_MS);
    subscription = trpcClient.live.events.subscribe(
      { workspace, ...(lastEventId ? { lastEventId } : {}) },
      {
        onData: (value) => {
          if (stopped) return;
          reopenAfter(SILENCE_MS);
          // Events are tracked and carry an id around them; a ping is bare.
          const data = "data" in value ? value.data : value;
          if (isFirst) handlers.onOpen(lastEventId !== undefined);
          isFirst = false;
          handlers.onSignal(data.serverNow);
          if (data.kind === "ping" || !("id" in value)) return;
          const { kind, workspaceId, ids, at } = data;
          handlers.onEvent(value.id, { kind, workspaceId, ids, at });
        },
        onError: (error) => {
          if (readError(error).status === 401) {
            stop();
            handlers.onSignedOut();
          } else reopenAfter(RETRY_MS);
        },
        onComplete: () => reopenAfter(RETRY_MS),
      },
    );
  }

  function stop(): void {
    stopped = true;
    clearTimeout(timer);
    subscription?.unsubscribe();
  }

  open();
  return stop;
}
