import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as z from "zod/mini";
import { requireScreen, workspaceRoute } from "./workspace.tsx";

export const backfillsRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: "backfills",
  beforeLoad: requireScreen("backfills"),
  validateSearch: z.object({}),
  component: lazyRouteComponent(() => import("./backfills.tsx"), "BackfillsScreen"),
});
