import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as z from "zod/mini";
import { requireScreen, workspaceRoute } from "./workspace.tsx";

export const leadRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: "leads/$leadId",
  beforeLoad: requireScreen("leads"),
  validateSearch: z.object({}),
  component: lazyRouteComponent(() => import("./lead.tsx"), "LeadScreen"),
});
