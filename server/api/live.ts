import { tracked } from "@trpc/server";
import { z } from "zod";
import { loadAccess } from "#server/auth/load-access.ts";
import { notFound } from "#server/lib/errors.ts";
import { router, signedInProcedure } from "./trpc.ts";

/** How often a quiet stream says that it lives. */
const PING_MS = 5_000;

export const liveRouter = router({
  /**
   * One stream per browser: what changed in one workspace, or in all that this person may enter. Ids only; the screen
   * asks again for what it shows. Resumes after `lastEventId` without loss.
   */
  events: signedInProcedure
    .input(z.object({ workspace: z.string(), lastEventId: z.string().nullish() }))
    .subscription(async function* ({ ctx, input, signal }) {
      const access = await loadAccess(ctx.deps.db, ctx.user);
      const seen = access.filter((w) => input.workspace === "all" || w.slug === input.workspace);
      if (seen.length === 0) throw notFound("Workspace");
      const ids = new Set(seen.map((w) => w.workspaceId));
      const end = signal ?? new AbortController().signal;
      const { clock, live } = ctx.deps;

      yield { kind: "ping" as const, serverNow: clock.now().toISOString() };
      const events = live
        .follow({ lastId: input.lastEventId ?? undefined, signal: end })
        [Symbol.asyncIterator]();
      let next = readNext(events);
      while (!end.aborted) {
        const result = await Promise.race([next, pause(PING_MS, end)]);
        if (result === "ping") {
          yield { kind: "ping" as const, serverNow: clock.now().toISOString() };
          continue;
        }
        if (result.done) return;
        next = readNext(events);
        const { id, kind, workspaceId, ids: subjects, at } = result.value;
        if (!ids.has(workspaceId)) continue;
        yield tracked(id, {
          kind,
          workspaceId,
          ids: subjects,
          at: at.toISOString(),
          serverNow: clock.now().toISOString(),
        });
      }
    }),
});

/** Asked for ahead of need: a failure is told to whoever awaits it, and to nobody when the reader has left meanwhile. */
function readNext<T>(events: AsyncIterator<T>): Promise<IteratorResult<T>> {
  const next = events.next();
  next.catch(() => undefined);
  return next;
}

function pause(ms: number, signal: AbortSignal): Promise<"ping"> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve("ping");
    }
    signal.addEventListener("abort", done, { once: true });
  });
}
