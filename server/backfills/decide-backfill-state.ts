import type { BackfillState } from "#server/db/generated/enums.ts";
import { MINUTE_MS, SECOND_MS } from "#server/lib/duration.ts";

/** What the operator wants; the state says how far the worker has followed. Cancel wins over everything and is final. */
export type Desired = "running" | "paused" | "canceled";
export type BackfillCommand = "pause" | "resume" | "cancel" | "retry";

/** A worker that was not heard of for so long is taken for dead, and another one may take the run over. */
export const STALE_HEARTBEAT_MS = 15 * SECOND_MS;
/** A cancel that the worker has not answered for so long is carried out without it. */
const FORCE_CANCEL_MS = MINUTE_MS / 2;

export const ENDED_STATES = [
  "canceled",
  "succeeded",
  "succeeded_with_exceptions",
  "incomplete",
] as const satisfies BackfillState[];

export type EndState = (typeof ENDED_STATES)[number];

export function isEnded(state: BackfillState): state is EndState {
  return (ENDED_STATES as readonly BackfillState[]).includes(state);
}

export type CommandFacts = {
  state: BackfillState;
  stateSince: Date;
  /** Null when no worker holds the run. */
  heartbeatAt: Date | null;
  now: Date;
};

export type CommandDecision =
  /** `callWorker`: somebody is to take it up. `fence`: whatever worker still believes to hold it may write no more. */
  | { outcome: "apply"; state: BackfillState; desired: Desired; callWorker: boolean; fence: boolean }
  | { outcome: "already" }
  | { outcome: "refused"; reason: "ended" | "canceled" | "nothing_failed" | "not_ended" };

/**
 * Every step that a person can cause. What a worker causes: `queued → running` when it takes the run up,
 * `running ⇄ waiting` at a provider's limit or a dead connection, `pausing → paused` and `canceling → canceled` after
 * the current page, and the four ends, which `decideEnd` derives from the slices.
 */
export function decideCommand(command: BackfillCommand, facts: CommandFacts): CommandDecision {
  switch (command) {
    case "pause":
      return decidePause(facts);
    case "resume":
      return decideResume(facts);
    case "cancel":
      return decideCancel(facts);
    case "retry":
      return decideRetry(facts);
    default:
      return command satisfies never;
  }
}

function decidePause(facts: CommandFacts): CommandDecision {
  switch (facts.state) {
    // Nobody is reading: it stands still from now on.
    case "queued":
      return apply("paused", "paused");
    // While a worker reads: after the page it is at. With a dead worker: at once, and it may not come back to write.
    case "running":
    case "waiting":
      return isWorked(facts) ? apply("pausing", "paused") : apply("paused", "paused", { fence: true });
    case "pausing":
      return isWorked(facts) ? { outcome: "already" } : apply("paused", "paused", { fence: true });
    case "paused":
      return { outcome: "already" };
    case "canceling":
    case "canceled":
      return { outcome: "refused", reason: "canceled" };
    case "succeeded":
    case "succeeded_with_exceptions":
    case "incomplete":
      return { outcome: "refused", reason: "ended" };
    default:
      return facts.state satisfies never;
  }
}

function decideResume(facts: CommandFacts): CommandDecision {
  switch (facts.state) {
    case "paused":
      return apply("queued", "running", { callWorker: true });
    // The pause is taken back before the worker has followed it.
    case "pausing":
      return isWorked(facts)
        ? apply("running", "running")
        : apply("queued", "running", { callWorker: true, fence: true });
    // Parked for a limit or a connection: ask again now instead of later.
    case "waiting":
      return isWorked(facts) ? { outcome: "already" } : apply("queued", "running", { callWorker: true });
    case "queued":
    case "running":
      return { outcome: "already" };
    case "canceling":
    case "canceled":
      return { outcome: "refused", reason: "canceled" };
    case "succeeded":
    case "succeeded_with_exceptions":
    case "incomplete":
      return { outcome: "refused", reason: "ended" };
    default:
      return facts.state satisfies never;
  }
}

function decideCancel(facts: CommandFacts): CommandDecision {
  switch (facts.state) {
    // Nobody is reading: what is left is canceled at once.
    case "queued":
    case "paused":
      return apply("canceled", "canceled", { fence: true });
    case "running":
    case "waiting":
    case "pausing":
      return isWorked(facts)
        ? apply("canceling", "canceled")
        : apply("canceled", "canceled", { fence: true });
    case "canceling": {
      const waitedMs = facts.now.getTime() - facts.stateSince.getTime();
      const isForced = !isWorked(facts) || waitedMs >= FORCE_CANCEL_MS;
      return isForced ? apply("canceled", "canceled", { fence: true }) : { outcome: "already" };
    }
    case "canceled":
      return { outcome: "already" };
    case "succeeded":
    case "succeeded_with_exceptions":
    case "incomplete":
      return { outcome: "refused", reason: "ended" };
    default:
      return facts.state satisfies never;
  }
}

function decideRetry(facts: CommandFacts): CommandDecision {
  switch (facts.state) {
    case "incomplete":
    case "succeeded_with_exceptions":
      return apply("queued", "running", { callWorker: true });
    case "succeeded":
      return { outcome: "refused", reason: "nothing_failed" };
    case "canceled":
    case "canceling":
      return { outcome: "refused", reason: "canceled" };
    case "queued":
    case "running":
    case "waiting":
    case "pausing":
    case "paused":
      return { outcome: "refused", reason: "not_ended" };
    default:
      return facts.state satisfies never;
  }
}

function apply(
  state: BackfillState,
  desired: Desired,
  { callWorker = false, fence = false }: { callWorker?: boolean; fence?: boolean } = {},
): CommandDecision {
  return { outcome: "apply", state, desired, callWorker, fence };
}

/** Whether a live worker holds the run, so that it must be told rather than passed over. */
export function isWorked({ heartbeatAt, now }: Pick<CommandFacts, "heartbeatAt" | "now">): boolean {
  return heartbeatAt !== null && now.getTime() - heartbeatAt.getTime() < STALE_HEARTBEAT_MS;
}

export type SliceCounts = {
  pending: number;
  running: number;
  done: number;
  failed: number;
  canceled: number;
};

/**
 * How a run ended, read off its slices and nothing else; null while it has not. `exceptions` are records that could
 * not be read, in slices that are otherwise done.
 */
export function decideEnd(facts: {
  desired: Desired;
  slices: SliceCounts;
  exceptions: number;
}): EndState | null {
  const { desired, slices, exceptions } = facts;
  if (desired === "canceled") return "canceled";
  if (slices.pending + slices.running > 0) return null;
  if (slices.canceled > 0) return "canceled";
  if (slices.failed > 0) return "incomplete";
  return exceptions > 0 ? "succeeded_with_exceptions" : "succeeded";
}
