import { backfillsRouter } from "./backfills.ts";
import { connectionsRouter } from "./connections.ts";
import { leadsRouter } from "./leads.ts";
import { liveRouter } from "./live.ts";
import { mismatchesRouter } from "./mismatches.ts";
import { redQueueRouter } from "./red-queue.ts";
import { sessionRouter } from "./session.ts";
import { router } from "./trpc.ts";
import { unmatchedRouter } from "./unmatched.ts";

/** One router per screen, named as its URL. */
export const appRouter = router({
  session: sessionRouter,
  live: liveRouter,
  mismatches: mismatchesRouter,
  redQueue: redQueueRouter,
  leads: leadsRouter,
  backfills: backfillsRouter,
  connections: connectionsRouter,
  unmatched: unmatchedRouter,
});

export type AppRouter = typeof appRouter;
