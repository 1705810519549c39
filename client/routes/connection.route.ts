import { createRoute, lazyRouteComponent, notFound } from "@tanstack/react-router";
import * as z from "zod/mini";
import { ALL_WORKSPACES } from "#client/lib/permissions.ts";
import { requireScreen, workspaceRoute } from "./workspace.tsx";

const tabs = ["setup", "health", "deliveries", "event-types", "token", "disconnect"] as const;
const results = ["accepted", "duplicate", "ignored", "refused", "failed"] as const;

export const connectionRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: "connections/$provider",
  beforeLoad: (options) => {
    requireScreen("connections")(options);
    const { workspace, provider } = options.params;
    if (workspace === ALL_WORKSPACES || !["calendly", "highlevel"].includes(provider)) throw notFound();
  },
  validateSearch: z.object({
    tab: z.catch(z.optional(z.enum(tabs)), undefined),
    /** Deliveries: filter, page, and the one that is open. */
    result: z.catch(z.optional(z.enum(results)), undefined),
    cursor: z.catch(z.optional(z.string()), undefined),
    delivery: z.catch(z.optional(z.string()), undefined),
  }),
  component: lazyRouteComponent(() => import("./connection.tsx"), "ConnectionScreen"),
});
