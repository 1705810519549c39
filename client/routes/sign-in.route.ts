import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as z from "zod/mini";
import { rootRoute } from "./root.tsx";

export const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "sign-in",
  validateSearch: z.object({ next: z.catch(z.optional(z.string()), undefined) }),
  component: lazyRouteComponent(() => import("./sign-in.tsx"), "SignInScreen"),
});
