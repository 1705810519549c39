import { liveRouter } from "./live.ts";
import { sessionRouter } from "./session.ts";
import { router } from "./trpc.ts";

/** One router per screen, named as its URL. */
export const appRouter = router({
  session: sessionRouter,
  live: liveRouter,
});

export type AppRouter = typeof appRouter;
