import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as z from "zod/mini";
import { requireScreen, workspaceRoute } from "./workspace.tsx";

const text = z.catch(z.optional(z.string()), undefined);

/** Everything of the screen that is worth a link: filters and page. */
const search = z.object({
  q: text,
  status: z.catch(
    z.optional(
      z.enum([
        "new",
        "qualified",
        "meeting_requested",
        "meeting_booked",
        "not_interested",
        "blacklisted",
        "unqualified",
      ]),
    ),
    undefined,
  ),
  meeting: z.catch(
    z.optional(z.enum(["none", "booked", "held", "canceled", "no_show", "vanished"])),
    undefined,
  ),
  cursor: text,
});

export type LeadsSearch = z.infer<typeof search>;

export const leadsRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: "leads",
  beforeLoad: requireScreen("leads"),
  validateSearch: search,
  component: lazyRouteComponent(() => import("./leads.tsx"), "LeadsScreen"),
});
