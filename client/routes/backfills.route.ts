import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as z from "zod/mini";
import { requireScreen, workspaceRoute } from "./workspace.tsx";

const day = z.catch(z.optional(z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}$/))), undefined);

export const backfillsRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: "backfills",
  beforeLoad: requireScreen("backfills"),
  validateSearch: z.object({
    /** The number of the run after which the page of ended runs begins. */
    before: z.catch(z.optional(z.int().check(z.positive())), undefined),
    /** The start sheet is open, for these days where they are given (`to` is exclusive). */
    start: z.catch(z.optional(z.boolean()), undefined),
    from: day,
    to: day,
  }),
  component: lazyRouteComponent(() => import("./backfills.tsx"), "BackfillsScreen"),
});
