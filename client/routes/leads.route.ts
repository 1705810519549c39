import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as z from "zod/mini";
import { requireScreen, workspaceRoute } from "./workspace.tsx";

export const leadsRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: "leads",
  beforeLoad: requireScreen("leads"),
  validateSearch: z.object({}),
  component: lazyRouteComponent(() => import("./leads.tsx"), "LeadsScreen"),
});
