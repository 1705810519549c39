import { useCallback, useRef, useState } from "react";
import { readNowMs } from "#client/lib/clock.ts";
import { readError, trpcClient } from "#client/lib/trpc.ts";
import type { RedTask } from "./red-queue-types.ts";

export type TaskConflict = {
  code: string;
  who: { id: string; name: string } | null;
  what: string;
  when: string;
  version: number;
};

type Held = { version: number; leaseUntil: string };

/** What the panel says about the claim on its task beyond the row itself. */
export type ClaimNote =
  | { kind: "claiming"; taskId: string }
  | { kind: "lost"; taskId: string; conflict: TaskConflict }
  | { kind: "failed"; taskId: string; message: string };

const RENEW_EVERY_MS = 60_000;

/**
 * Claims of this tab. A claim counts from the key press on; the server settles races, and what it answers goes over the
 * rows until they are read again.
 */
export function useClaims(slug: string, me: { id: string; name: string }) {
  const [held, setHeld] = useState<ReadonlyMap<string, Held>>(new Map());
  const [note, setNote] = useState<ClaimNote | null>(null);
  const pending = useRef(new Map<string, Promise<number | null>>());
  /** What was answered, before it is drawn: a key may come in between. */
  const versions = useRef(new Map<string, number>());
  const claimingNext = useRef<Promise<string | null> | null>(null);
  const renewedAtMs = useRef(0);

  const hold = useCallback((taskId: string, claim: Held) => {
    // Answers overtake each other; the one about the later version stands.
    if (claim.version < (versions.current.get(taskId) ?? 0)) return;
    versions.current.set(taskId, claim.version);
    setHeld((before) => new Map(before).set(taskId, claim));
  }, []);

  const claim = useCallback(
    (task: Pick<RedTask, "id" | "version">): Promise<number | null> => {
      const known = pending.current.get(task.id);
      if (known) return known;
      setNote({ kind: "claiming", taskId: task.id });
      const done = requestClaim(slug, task.id, task.version)
        .then(
          (answer) => {
            renewedAtMs.current = readNowMs();
            hold(task.id, answer);
            setNote((now) => (now?.taskId === task.id ? null : now));
            return answer.version;
          },
          (error: unknown) => {
            setNote((now) => (now && now.taskId !== task.id ? now : describeRefusal(task.id, error)));
            return null;
          },
        )
        .finally(() => pending.current.delete(task.id));
      pending.current.set(task.id, done);
      return done;
    },
    [slug, hold],
  );

  /** The first of the queue's own order that nobody has; null when the queue is clear. Asked twice, it is one claim. */
  const claimNext = useCallback((): Promise<string | null> => {
    claimingNext.current ??= trpcClient.redQueue.claimNext
      .mutate({ workspace: slug })
      .then((answer) => {
        if (answer === null) return null;
        renewedAtMs.current = readNowMs();
        hold(answer.id, answer);
        return answer.id;
      })
      .finally(() => {
        claimingNext.current = null;
      });
    return claimingNext.current;
  }, [slug, hold]);

  /** A sign of activity: begins the lease again, at most once a minute. */
  const touch = useCallback(
    (taskId: string) => {
      const nowMs = readNowMs();
      if (nowMs - renewedAtMs.current < RENEW_EVERY_MS) return;
      renewedAtMs.current = nowMs;
      trpcClient.redQueue.renew.mutate({ workspace: slug, taskId }).then(
        (answer) => hold(taskId, answer),
        // The row says what became of the claim; the live event that came with it brings the row.
        () => undefined,
      );
    },
    [slug, hold],
  );

  /** Also gives back a claim that is still on its way. */
  const release = useCallback(
    async (taskId: string): Promise<void> => {
      setNote(null);
      await pending.current.get(taskId);
      const { version } = await trpcClient.redQueue.release.mutate({ workspace: slug, taskId });
      versions.current.set(taskId, version);
      setHeld((before) => {
        const next = new Map(before);
        next.delete(taskId);
        return next;
      });
    },
    [slug],
  );

  const { id: myId, name: myName } = me;
  const withClaim = useCallback(
    (task: RedTask): RedTask => {
      const mine = held.get(task.id);
      if (!mine || mine.version < task.version) return task;
      if (mine.version === task.version && mine.leaseUntil === task.leaseUntil) return task;
      return {
        ...task,
        version: mine.version,
        owner: { id: myId, name: myName },
        leaseUntil: mine.leaseUntil,
      };
    },
    [held, myId, myName],
  );

  return {
    claim,
    claimNext,
    touch,
    release,
    hold,
    withClaim,
    note,
    clearNote: useCallback(() => setNote(null), []),
    /** Held by this tab as far as it knows, or about to be. */
    isClaiming: useCallback((taskId: string) => pending.current.has(taskId), []),
    /** The version that this tab's claim has given the task, also of one still on its way; null when there is none. */
    readClaimedVersion: useCallback(
      async (taskId: string) => (await pending.current.get(taskId)) ?? versions.current.get(taskId) ?? null,
      [],
    ),
  };
}

/** What was seen may be a moment old: a row that merely changed is claimed as it is now, once. */
async function requestClaim(slug: string, taskId: string, version: number): Promise<Held> {
  try {
    return await trpcClient.redQueue.claim.mutate({ workspace: slug, taskId, version });
  } catch (error) {
    const conflict = readConflict(error);
    if (conflict?.code !== "task_changed") throw error;
    return trpcClient.redQueue.claim.mutate({ workspace: slug, taskId, version: conflict.version });
  }
}

function describeRefusal(taskId: string, error: unknown): ClaimNote {
  const conflict = readConflict(error);
  return conflict
    ? { kind: "lost", taskId, conflict }
    : { kind: "failed", taskId, message: readError(error).message };
}

/** Who, what and when, of an answer that says the task is no longer what was seen. */
export function readConflict(error: unknown): TaskConflict | null {
  const { code, status, details } = readError(error);
  if (status !== 409 || typeof details !== "object" || details === null || !("what" in details)) return null;
  // The server's conflict details, as `buildTaskConflict` writes them.
  return { code, ...(details as Omit<TaskConflict, "code">) };
}
