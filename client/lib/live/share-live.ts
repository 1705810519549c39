import type { LiveEvent } from "./live.ts";
import { openLiveStream, type StreamHandlers } from "./live-stream.ts";

type Message =
  | { type: "event"; id: string; event: LiveEvent }
  | { type: "signal"; serverNow: string }
  | { type: "open"; resumed: boolean }
  | { type: "retry" };

/** A leader that neither relays nor beats for this long is frozen; a visible tab takes over. */
const LEADER_SILENCE_MS = 14_000;
const RESUMABLE_MS = 15 * 60_000;

/**
 * One stream per browser: browsers allow six connections per host over HTTP/1.1, so tabs must not hold one each. The
 * tab that holds the lock listens and tells the others. Returns `stop` and `retry`.
 */
export function shareLive(
  key: string,
  workspace: string,
  handlers: StreamHandlers,
): { stop: () => void; retry: () => void } {
  const name = `bookproof-live:${key}:${workspace}`;
  const channel = new BroadcastChannel(name);
  const lifetime = new AbortController();
  let closeStream: (() => void) | null = null;
  let heardAtMs = performance.now();

  const openStream = () => {
    closeStream?.();
    closeStream = openLiveStream(workspace, () => readLastId(name), {
      onEvent: (id, event) => {
        saveLastId(name, id);
        channel.postMessage({ type: "event", id, event } satisfies Message);
        handlers.onEvent(id, event);
      },
      onSignal: (serverNow) => {
        channel.postMessage({ type: "signal", serverNow } satisfies Message);
        handlers.onSignal(serverNow);
      },
      onOpen: (resumed) => {
        channel.postMessage({ type: "open", resumed } satisfies Message);
        handlers.onOpen(resumed);
      },
      onSignedOut: handlers.onSignedOut,
    });
  };

  async function lead(steal: boolean): Promise<void> {
    const options: LockOptions = steal ? { steal: true } : { signal: lifetime.signal };
    try {
      await navigator.locks.request(name, options, async () => {
        openStream();
        await new Promise((resolve) => lifetime.signal.addEventListener("abort", resolve, { once: true }));
      });
    } catch {
      // Stopped while waiting, or the lock was taken by a tab that is awake: then wait for the next turn.
    }
    closeStream?.();
    closeStream = null;
    if (!lifetime.signal.aborted) void lead(false);
  }

  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    heardAtMs = performance.now();
    if (data.type === "retry") {
      if (closeStream) openStream();
    } else if (closeStream) {
      // Two leaders overlap for a moment when a frozen one wakes up; each has its own stream.
    } else if (data.type === "event") handlers.onEvent(data.id, data.event);
    else if (data.type === "signal") handlers.onSignal(data.serverNow);
    else handlers.onOpen(data.resumed);
  };

  // Locks need a secure context; over plain http each tab listens for itself.
  if (!("locks" in navigator)) openStream();
  else void lead(false);

  const watch = setInterval(() => {
    const isFrozen = performance.now() - heardAtMs > LEADER_SILENCE_MS;
    if (closeStream || !isFrozen || document.visibilityState !== "visible") return;
    heardAtMs = performance.now();
    if ("locks" in navigator) void lead(true);
  }, 2000);

  return {
    stop: () => {
      clearInterval(watch);
      lifetime.abort();
      closeStream?.();
      closeStream = null;
      channel.close();
    },
    retry: () => {
      if (closeStream) openStream();
      else channel.postMessage({ type: "retry" } satisfies Message);
    },
  };
}

/** Where a stream resumes: also across a change of leader and a reload. Too old an id is worth less than a fresh read. */
function readLastId(name: string): string | undefined {
  try {
    const stored = JSON.parse(localStorage.getItem(name) ?? "null") as { id: string; atMs: number } | null;
    return stored && Date.now() - stored.atMs < RESUMABLE_MS ? stored.id : undefined;
  } catch {
    return undefined;
  }
}

function saveLastId(name: string, id: string): void {
  try {
    localStorage.setItem(name, JSON.stringify({ id, atMs: Date.now() }));
  } catch {
    // Without storage a reload starts from now; the screens read afresh anyway.
  }
}
