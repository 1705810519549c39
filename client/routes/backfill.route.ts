import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as z from "zod/mini";
import { requireScreen, workspaceRoute } from "./workspace.tsx";

export const backfillRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: "backfills/$backfillId",
  beforeLoad: requireScreen("backfills"),
  validateSearch: z.object({}),
  component: lazyRouteComponent(() => import("./backfill.tsx"), "BackfillScreen"),
});
