import { expect, test } from "vitest";
import { mayDo, type Permission, permissionsOf, type WorkspaceRole } from "./permissions.ts";

const ROLES: WorkspaceRole[] = ["setter", "inbox_manager", "ops_lead", "owner", "admin"];

/** R42 as it was given, from the first role that may; each role may what those before it may. */
const FROM: Record<Permission, WorkspaceRole> = {
  "tasks.work": "setter",
  "leads.see": "setter",
  "leads.seeAll": "inbox_manager",
  "leads.act": "setter",
  "mismatches.see": "inbox_manager",
  "mismatches.decide": "inbox_manager",
  "mismatches.bulk": "ops_lead",
  "unmatched.see": "inbox_manager",
  "unmatched.link": "inbox_manager",
  "sequences.see": "inbox_manager",
  "sequences.edit": "ops_lead",
  "backfills.see": "ops_lead",
  "backfills.run": "owner",
  "connections.health": "ops_lead",
  "connections.manage": "owner",
  "settings.edit": "owner",
  "leads.import": "ops_lead",
  "audit.own": "setter",
  "audit.all": "inbox_manager",
};

test.each(ROLES)("%s may what the table says, and nothing else", (role) => {
  const expected = Object.entries(FROM).flatMap(([permission, from]) =>
    ROLES.indexOf(role) >= ROLES.indexOf(from) ? [permission] : [],
  );
  expect(permissionsOf(role).sort()).toEqual(expected.sort());
  for (const permission of permissionsOf(role)) expect(mayDo(role, permission)).toBe(true);
});
