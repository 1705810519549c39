import type { Role } from "#server/db/generated/enums.ts";

/** A role inside one workspace; `admin` is instance-wide and stands above the four. */
export type WorkspaceRole = Role | "admin";

const EVERYONE: WorkspaceRole[] = ["setter", "inbox_manager", "ops_lead", "owner", "admin"];
const INBOX_AND_UP: WorkspaceRole[] = ["inbox_manager", "ops_lead", "owner", "admin"];
const OPS_AND_UP: WorkspaceRole[] = ["ops_lead", "owner", "admin"];
const OWNER_AND_UP: WorkspaceRole[] = ["owner", "admin"];

/** R42, line by line. A screen shows what its role may do; the server decides by this table alone. */
const PERMISSIONS = {
  "tasks.work": EVERYONE,
  /** A setter sees leads that are assigned to them or behind an open red task: `leads.seeAll` is the rest. */
  "leads.see": EVERYONE,
  "leads.seeAll": INBOX_AND_UP,
  /** Operator's word on a meeting: attendance, a lookup now. */
  "leads.act": EVERYONE,
  "mismatches.see": INBOX_AND_UP,
  "mismatches.decide": INBOX_AND_UP,
  "mismatches.bulk": OPS_AND_UP,
  "unmatched.see": INBOX_AND_UP,
  "unmatched.link": INBOX_AND_UP,
  "sequences.see": INBOX_AND_UP,
  "sequences.edit": OPS_AND_UP,
  "backfills.see": OPS_AND_UP,
  "backfills.run": OWNER_AND_UP,
  "connections.health": OPS_AND_UP,
  "connections.manage": OWNER_AND_UP,
  "settings.edit": OWNER_AND_UP,
  "leads.import": OPS_AND_UP,
  "audit.own": EVERYONE,
  "audit.all": INBOX_AND_UP,
} as const satisfies Record<string, WorkspaceRole[]>;

export type Permission = keyof typeof PERMISSIONS;

export function mayDo(role: WorkspaceRole, permission: Permission): boolean {
  const roles: readonly WorkspaceRole[] = PERMISSIONS[permission];
  return roles.includes(role);
}

export function permissionsOf(role: WorkspaceRole): Permission[] {
  // The keys of a constant object are its type's keys.
  return (Object.keys(PERMISSIONS) as Permission[]).filter((permission) => mayDo(role, permission));
}
