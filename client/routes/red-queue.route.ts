import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as z from "zod/mini";
import { requireScreen, workspaceRoute } from "./workspace.tsx";

export const redQueueRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: "red-queue",
  beforeLoad: requireScreen("red-queue"),
  validateSearch: z.object({}),
  component: lazyRouteComponent(() => import("./red-queue.tsx"), "RedQueueScreen"),
});
