import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as z from "zod/mini";
import { SORTS } from "#client/features/mismatches/sort.ts";
import { TABS } from "#client/features/mismatches/tabs.ts";
import { requireScreen, workspaceRoute } from "./workspace.tsx";

// An address written by hand has bare numbers (`q=77`), which the router reads as numbers.
const text = z.catch(
  z.optional(
    z.union([
      z.string(),
      z.pipe(
        z.number(),
        z.transform((value: number) => String(value)),
      ),
    ]),
  ),
  undefined,
);

/** Everything of the screen that is worth a link: tab, filters as they are typed, order, page, open row. */
const search = z.object({
  tab: z.catch(z.optional(z.enum(TABS.map((tab) => tab.id))), undefined),
  cause: text,
  age: text,
  provider: text,
  owner: text,
  protected: text,
  q: text,
  sort: z.catch(z.optional(z.enum(SORTS)), undefined),
  cursor: text,
  /** The open lead; `none` while a person keeps the panel closed. */
  lead: text,
  receipt: text,
});

export type MismatchSearch = z.infer<typeof search>;

export const mismatchesRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: "mismatches",
  beforeLoad: requireScreen("mismatches"),
  validateSearch: search,
  component: lazyRouteComponent(() => import("./mismatches.tsx"), "MismatchesScreen"),
});
