import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as z from "zod/mini";
import { requireScreen, workspaceRoute } from "./workspace.tsx";

const text = z.catch(z.optional(z.string()), undefined);

/** Everything of the screen that is worth a link: tab, filter, order, page, open task. */
const search = z.object({
  view: z.catch(
    z.optional(z.enum(["mine", "unclaimed", "all", "moved", "snoozed", "done_today"])),
    undefined,
  ),
  q: text,
  sort: z.catch(z.optional(z.enum(["next", "lead", "lost", "was", "tries", "due", "closed"])), undefined),
  dir: z.catch(z.optional(z.enum(["asc", "desc"])), undefined),
  cursor: text,
  task: z.catch(z.optional(z.uuid()), undefined),
});

export type RedQueueSearch = z.infer<typeof search>;

export const redQueueRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: "red-queue",
  beforeLoad: requireScreen("red-queue"),
  validateSearch: search,
  component: lazyRouteComponent(() => import("./red-queue.tsx"), "RedQueueScreen"),
});
