import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as z from "zod/mini";
import { requireScreen, workspaceRoute } from "./workspace.tsx";

export const mismatchesRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: "mismatches",
  beforeLoad: requireScreen("mismatches"),
  validateSearch: z.object({}),
  component: lazyRouteComponent(() => import("./mismatches.tsx"), "MismatchesScreen"),
});
