import type { Role } from "#server/db/generated/enums.ts";

export type Member = { email: string; role: Role };

export type MemberWishes = {
  /** Becomes an owner; other owners stay. */
  owner?: string | undefined;
  /** Present replaces all of that role, absent leaves them. */
  setters?: string[] | undefined;
  inboxManagers?: string[] | undefined;
};

export type MemberDecision = {
  /** Everybody of the workspace afterwards. */
  members: Member[];
  /** New here, or in another role than before. */
  changed: Member[];
  removed: string[];
};

/** From the weakest to the strongest: a person has one role, and a list never takes a stronger one away. */
export const ROLE_STRENGTH: Role[] = ["setter", "inbox_manager", "ops_lead", "owner"];

/** Who is in a workspace in which role, after lists of addresses were given for it (R41). */
export function decideMembers(
  current: Member[],
  { owner, setters, inboxManagers }: MemberWishes,
): MemberDecision {
  const before = new Map(current.map(({ email, role }) => [email, role]));
  const after = new Map(before);
  const clear = (role: Role, kept: string[] | undefined) => {
    if (kept === undefined) return;
    for (const [email, has] of before) if (has === role && !kept.includes(email)) after.delete(email);
  };
  clear("setter", setters);
  clear("inbox_manager", inboxManagers);
  const grant = (role: Role, emails: string[]) => {
    for (const email of emails) if (isStronger(role, after.get(email))) after.set(email, role);
  };
  grant("setter", setters ?? []);
  grant("inbox_manager", inboxManagers ?? []);
  grant("owner", owner === undefined ? [] : [owner]);

  const members = [...after].map(([email, role]) => ({ email, role }));
  return {
    members,
    changed: members.filter(({ email, role }) => before.get(email) !== role),
    removed: [...before.keys()].filter((email) => !after.has(email)),
  };
}

function isStronger(role: Role, than: Role | undefined): boolean {
  return than === undefined || ROLE_STRENGTH.indexOf(role) > ROLE_STRENGTH.indexOf(than);
}
