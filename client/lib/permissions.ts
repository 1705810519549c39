import type { Permission, Role } from "./trpc.ts";

export type EffectiveRole = Role | "admin";

export type Screen = "red-queue" | "mismatches" | "backfills" | "connections" | "leads" | "unmatched";

// What a screen needs before it is worth showing. The server decides who has it (R42) and refuses the rest.
const NEEDS: Record<Screen, Permission> = {
  "red-queue": "tasks.work",
  mismatches: "mismatches.see",
  backfills: "backfills.see",
  connections: "connections.health",
  leads: "leads.see",
  unmatched: "unmatched.see",
};

const HOME: Record<EffectiveRole, Screen> = {
  setter: "red-queue",
  inbox_manager: "leads",
  ops_lead: "mismatches",
  owner: "connections",
  admin: "backfills",
};

/** Across all workspaces only what makes sense there, and only for admins. */
export const ALL_WORKSPACES = "all";
const SCREENS_OF_ALL: readonly Screen[] = ["backfills", "connections"];

export function maySee(
  workspace: { slug: string; permissions: readonly Permission[] },
  screen: Screen,
): boolean {
  if (workspace.slug === ALL_WORKSPACES && !SCREENS_OF_ALL.includes(screen)) return false;
  return workspace.permissions.includes(NEEDS[screen]);
}

export function decideHome(role: EffectiveRole): Screen {
  return HOME[role];
}
