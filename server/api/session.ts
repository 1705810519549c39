import { loadAccess } from "#server/auth/load-access.ts";
import { permissionsOf } from "#server/auth/permissions.ts";
import { publicProcedure, router } from "./trpc.ts";

export const sessionRouter = router({
  /** Who is signed in and where they may go; `user` is null on the sign-in screen. */
  me: publicProcedure.query(async ({ ctx }) => {
    const { user, deps } = ctx;
    const base = { demo: deps.config.demo, serverNow: deps.clock.now().toISOString() };
    if (!user) return { ...base, user: null, workspaces: [] };
    const access = await loadAccess(deps.db, user);
    return {
      ...base,
      user: { ...user, role: user.isAdmin ? ("admin" as const) : ("user" as const) },
      workspaces: access.map((workspace) => ({ ...workspace, permissions: permissionsOf(workspace.role) })),
    };
  }),
});
