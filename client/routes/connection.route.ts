import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as z from "zod/mini";
import { requireScreen, workspaceRoute } from "./workspace.tsx";

export const connectionRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: "connections/$provider",
  beforeLoad: requireScreen("connections"),
  validateSearch: z.object({}),
  component: lazyRouteComponent(() => import("./connection.tsx"), "ConnectionScreen"),
});
