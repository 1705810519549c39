import { createRouter } from "@tanstack/react-router";
import { setSignedOutHandler } from "./lib/signed-out.ts";
import { queryClient } from "./lib/trpc.ts";
import { backfillRoute } from "./routes/backfill.route.ts";
import { backfillsRoute } from "./routes/backfills.route.ts";
import { connectionRoute } from "./routes/connection.route.ts";
import { connectionsRoute } from "./routes/connections.route.ts";
import { indexRoute } from "./routes/index.ts";
import { leadRoute } from "./routes/lead.route.ts";
import { leadsRoute } from "./routes/leads.route.ts";
import { mismatchesRoute } from "./routes/mismatches.route.ts";
import { redQueueRoute } from "./routes/red-queue.route.ts";
import { rootRoute } from "./routes/root.tsx";
import { signInRoute } from "./routes/sign-in.route.ts";
import { unmatchedRoute } from "./routes/unmatched.route.ts";
import { workspaceIndexRoute, workspaceRoute } from "./routes/workspace.tsx";

const routeTree = rootRoute.addChildren([
  indexRoute,
  signInRoute,
  workspaceRoute.addChildren([
    workspaceIndexRoute,
    redQueueRoute,
    mismatchesRoute,
    backfillsRoute,
    backfillRoute,
    connectionsRoute,
    connectionRoute,
    leadsRoute,
    leadRoute,
    unmatchedRoute,
  ]),
]);

/** Every address of the console. Search parameters are typed by each route and hold all state of its screen. */
export const router = createRouter({
  routeTree,
  context: { queryClient },
  defaultPreload: "intent",
  // Query owns freshness; the router only asks it to load.
  defaultPreloadStaleTime: 0,
  defaultStructuralSharing: true,
  scrollRestoration: false,
});

setSignedOutHandler(() => {
  const { pathname, href } = router.state.location;
  if (pathname === "/sign-in") return;
  queryClient.clear();
  void router.navigate({ to: "/sign-in", search: { next: href } });
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
