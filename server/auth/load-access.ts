import type { Db } from "#server/db/client.ts";
import type { WorkspaceRole } from "./permissions.ts";

export type SignedInUser = {
  id: string;
  name: string;
  email: string;
  isAdmin: boolean;
  timezone: string | null;
};

export type WorkspaceAccess = {
  workspaceId: string;
  slug: string;
  name: string;
  timezone: string;
  role: WorkspaceRole;
};

/** The workspaces that a person may enter, by name; an admin may enter every one. */
export async function loadAccess(db: Db, user: SignedInUser): Promise<WorkspaceAccess[]> {
  if (user.isAdmin) {
    const rows = await db.workspace.findMany({ orderBy: { name: "asc" } });
    return rows.map(({ id, slug, name, timezone }) => ({
      workspaceId: id,
      slug,
      name,
      timezone,
      role: "admin",
    }));
  }
  const rows = await db.membership.findMany({
    where: { userId: user.id },
    include: { workspace: true },
    orderBy: { workspace: { name: "asc" } },
  });
  return rows.map(({ workspace, role }) => ({
    workspaceId: workspace.id,
    slug: workspace.slug,
    name: workspace.name,
    timezone: workspace.timezone,
    role,
  }));
}

/** One person's access to one workspace; null answers as not found, whether the workspace exists or not (R42). */
export async function findAccess(db: Db, user: SignedInUser, slug: string): Promise<WorkspaceAccess | null> {
  const workspace = await db.workspace.findUnique({
    where: { slug },
    include: { memberships: { where: { userId: user.id } } },
  });
  if (!workspace) return null;
  const role = user.isAdmin ? "admin" : workspace.memberships[0]?.role;
  if (!role) return null;
  return { workspaceId: workspace.id, slug, name: workspace.name, timezone: workspace.timezone, role };
}
