import { createRoute, notFound, redirect } from "@tanstack/react-router";
import { WorkspaceShell } from "#client/features/shell/workspace-shell.tsx";
import { decideHome, maySee, type Screen } from "#client/lib/permissions.ts";
import { type CurrentWorkspace, findWorkspace, sessionQuery } from "#client/lib/session.ts";
import { rootRoute } from "./root.tsx";

/**
 * Parent of every screen. A stranger goes to sign in and comes back to the same address; a workspace that is not theirs
 * does not exist.
 */
export const workspaceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "w/$workspace",
  beforeLoad: async ({ context, params, location }): Promise<{ workspace: CurrentWorkspace }> => {
    const session = await context.queryClient.ensureQueryData(sessionQuery);
    if (!session.user) throw redirect({ to: "/sign-in", search: { next: location.href } });
    const workspace = findWorkspace(session, params.workspace);
    if (!workspace) throw notFound();
    return { workspace };
  },
  component: WorkspaceShell,
});

/** `/w/:workspace` alone is the start screen of the role. */
export const workspaceIndexRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: "/",
  beforeLoad: ({ context: { workspace } }) => {
    throw redirect({
      to: `/w/$workspace/${decideHome(workspace.role)}`,
      params: { workspace: workspace.slug },
    });
  },
});

/** For a screen's `beforeLoad`: a screen outside the role answers "Nothing here", like a foreign id. */
export function requireScreen(screen: Screen) {
  return ({ context: { workspace } }: { context: { workspace: CurrentWorkspace } }) => {
    if (!maySee(workspace, screen)) throw notFound();
  };
}
