import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as z from "zod/mini";
import { requireScreen, workspaceRoute } from "./workspace.tsx";

const text = z.catch(z.optional(z.string()), undefined);

/** Everything of the screen that is worth a link: side of now, page, open booking, and whose bookings are looked for. */
const search = z.object({
  when: z.catch(z.optional(z.enum(["ahead", "over"])), undefined),
  cursor: text,
  /** The open booking; `none` while a person keeps the panel closed. */
  booking: z.catch(z.optional(z.union([z.uuid(), z.literal("none")])), undefined),
  /** Whom a booking is looked for: offered first, and only bookings that look like this lead's are listed. */
  lead: z.catch(z.optional(z.uuid()), undefined),
  /** All bookings, with that lead still offered first. */
  all: z.catch(z.optional(z.literal(true)), undefined),
});

export type UnmatchedSearch = z.infer<typeof search>;

export const unmatchedRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: "unmatched",
  beforeLoad: requireScreen("unmatched"),
  validateSearch: search,
  component: lazyRouteComponent(() => import("./unmatched.tsx"), "UnmatchedScreen"),
});
