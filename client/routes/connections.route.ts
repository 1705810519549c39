import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as z from "zod/mini";
import { requireScreen, workspaceRoute } from "./workspace.tsx";

export const connectionsRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: "connections",
  beforeLoad: requireScreen("connections"),
  validateSearch: z.object({}),
  component: lazyRouteComponent(() => import("./connections.tsx"), "ConnectionsScreen"),
});
