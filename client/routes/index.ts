import { createRoute, redirect } from "@tanstack/react-router";
import { decideStart, sessionQuery } from "#client/lib/session.ts";
import { NoWorkspace } from "./no-workspace.tsx";
import { rootRoute } from "./root.tsx";

/** Sends each person to the workspace they start in, and from there to the screen of their role. */
export const indexRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  beforeLoad: async ({ context }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuery);
    if (!session.user) throw redirect({ to: "/sign-in" });
    const start = decideStart(session);
    if (start) throw redirect({ to: "/w/$workspace", params: { workspace: start } });
  },
  component: NoWorkspace,
});
