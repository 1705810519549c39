import { createRoute, redirect } from "@tanstack/react-router";
import { decideStart, sessionQuery } from "#client/lib/session.ts";
import { readError } from "#client/lib/trpc.ts";
import { NoWorkspace } from "./no-workspace.tsx";
import { rootRoute } from "./root.tsx";

/** Sends each person to the screen their role starts with. */
export const indexRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  beforeLoad: async ({ context }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuery()).catch((error: unknown) => {
      if (readError(error).status === 401) throw redirect({ to: "/sign-in" });
      throw error;
    });
    const start = decideStart(session);
    if (start) throw redirect({ to: "/w/$workspace", params: { workspace: start } });
  },
  component: NoWorkspace,
});
