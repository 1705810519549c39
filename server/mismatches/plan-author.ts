import { type Actor, operator } from "#server/audit/actor.ts";

/** Stands where a plan names its author, for whoever holds the instance's key. */
export const API_AUTHOR = "api";

/** Who decided, for the audit: a person, or a program. */
export function authorOf(createdById: string): Actor {
  return createdById === API_AUTHOR ? { kind: "api", id: null } : operator(createdById);
}
