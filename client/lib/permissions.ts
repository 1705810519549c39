import type { Role } from "./trpc.ts";

export type EffectiveRole = Role | "admin";

export type Screen = "red-queue" | "mismatches" | "backfills" | "connections" | "leads";

// R42 as far as navigation goes. The server decides; this only keeps away what would be refused.
const SCREENS: Record<EffectiveRole, readonly Screen[]> = {
  setter: ["red-queue", "leads"],
  inbox_manager: ["red-queue", "mismatches", "leads"],
  ops_lead: ["red-queue", "mismatches", "backfills", "connections", "leads"],
  owner: ["red-queue", "mismatches", "backfills", "connections", "leads"],
  admin: ["red-queue", "mismatches", "backfills", "connections", "leads"],
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

export function listScreens(role: EffectiveRole, workspace: string): readonly Screen[] {
  return workspace === ALL_WORKSPACES ? SCREENS_OF_ALL : SCREENS[role];
}

export function decideHome(role: EffectiveRole): Screen {
  return HOME[role];
}

/** Rights finer than a screen, named as the buttons that need them. */
export type Right = "bulk-decide" | "run-backfill" | "manage-connections";

const RIGHTS: Record<EffectiveRole, readonly Right[]> = {
  setter: [],
  inbox_manager: [],
  ops_lead: ["bulk-decide"],
  owner: ["bulk-decide", "run-backfill", "manage-connections"],
  admin: ["bulk-decide", "run-backfill", "manage-connections"],
};

export function mayDo(role: EffectiveRole, right: Right): boolean {
  return RIGHTS[role].includes(right);
}
