import { ShapeMark } from "#client/components/ui/state-mark.tsx";
import { readNowMs, useNowMs } from "#client/lib/clock.ts";
import type { LiveState } from "#client/lib/live/decide-live-state.ts";
import { retryLive, useLiveState, useWaitingCount } from "#client/lib/live/live.ts";
import { useMyZone } from "#client/lib/preferences.ts";
import { formatMoment, formatSpan } from "#client/lib/time-text.ts";
import type { Shape, Tone } from "#client/lib/tone.ts";
import { TONE_TEXT } from "#client/lib/tone.ts";

const LOOK: Record<LiveState["kind"], { shape: Shape; tone: Tone }> = {
  live: { shape: "dot", tone: "proof" },
  "catching-up": { shape: "half", tone: "doubt" },
  reconnecting: { shape: "half", tone: "doubt" },
  stale: { shape: "square", tone: "doubt" },
  offline: { shape: "square", tone: "doubt" },
  paused: { shape: "pause", tone: "quiet" },
};

/**
 * Whether the page follows what others do. A reader hears changes of state only: the age, which ticks each second, lies
 * outside the spoken part.
 */
export function LiveChip() {
  const state = useLiveState();
  const waiting = useWaitingCount();
  const zone = useMyZone();
  useNowMs(1000);
  const look = LOOK[state.kind];
  return (
    <span className="inline-flex items-center gap-1.5 text-xs whitespace-nowrap text-ink-2">
      <ShapeMark shape={look.shape} className={TONE_TEXT[look.tone]} />
      <span role="status" className={state.kind === "live" ? "max-sm:sr-only" : undefined}>
        {writeState(state, zone)}
        {state.kind === "paused" && waiting > 0 && ` · ${waiting} new`}
      </span>
      {state.kind === "reconnecting" && (
        <span className="max-md:hidden">last update {formatSpan(Date.now() - state.sinceMs)} ago</span>
      )}
      {state.kind === "stale" && (
        <button
          type="button"
          onClick={retryLive}
          className="h-6 rounded-sm px-1.5 font-medium text-accent hover:bg-hover"
        >
          Retry
        </button>
      )}
    </span>
  );
}

function writeState(state: LiveState, zone: string): string {
  switch (state.kind) {
    case "live":
      return "Live";
    case "catching-up":
      return "Catching up…";
    case "reconnecting":
      return "Reconnecting…";
    case "stale":
      return `Not live since ${formatSince(state.sinceMs, zone)}`;
    case "offline":
      return "Offline";
    case "paused":
      return `Updates paused (${state.reason})`;
    default:
      return state satisfies never;
  }
}

/** Silence is kept on the browser's clock; shown, it is a time like all others. */
export function formatSince(sinceMs: number, zone: string): string {
  const nowMs = readNowMs();
  return formatMoment(sinceMs + (nowMs - Date.now()), nowMs, zone);
}
