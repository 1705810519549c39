import type { Actor } from "#server/audit/actor.ts";
import type { Db } from "#server/db/client.ts";
import { Prisma } from "#server/db/generated/client.ts";
import { type ConnectionState, Provider, type Role } from "#server/db/generated/enums.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { AppError, conflict } from "#server/lib/errors.ts";
import { type AccountProblem, applyAccounts } from "./apply-accounts.ts";
import { decideMembers, type MemberDecision, ROLE_STRENGTH } from "./decide-members.ts";
import { findProvisioned } from "./find-provisioned.ts";
import { holdIdentity } from "./hold-identity.ts";
import { type AccountStep, planAccounts } from "./plan-accounts.ts";
import type { ProvisioningInput } from "./provisioning-input.ts";
import { saveMembers, saveWorkspace } from "./save-workspace.ts";

type AccountState = { provider: Provider; state: ConnectionState | "verified"; reason: string | null };

export type ProvisioningAnswer = {
  /** Null only when a dry run would create it. */
  workspaceId: string | null;
  existed: boolean;
  updated: boolean;
  dryRun: boolean;
  connections: AccountState[];
  members: { email: string; role: Role; invited: boolean }[];
};

/**
 * Creates a workspace or, with `upsert`, updates it (R41). Everything that may be refused is found out first: the
 * people, then the tokens at their providers. Only then is anything written: workspace and people in one transaction,
 * the accounts after it. Of two requests at once for one workspace, the second sees what the first has made.
 */
export function provisionWorkspace(
  deps: Deps,
  actor: Actor,
  input: ProvisioningInput,
): Promise<ProvisioningAnswer> {
  if (input.dryRun) return provision(deps, actor, input);
  return holdIdentity(deps, input, () => provision(deps, actor, input));
}

async function provision(deps: Deps, actor: Actor, input: ProvisioningInput): Promise<ProvisioningAnswer> {
  const known = await findProvisioned(deps.db, input);
  if (known && !input.upsert) {
    throw conflict("workspace_exists", "This workspace exists already. Send upsert to change it.", {
      workspaceId: known.id,
    });
  }
  if (!known) requireNew(input);
  const current = known ? await loadMembers(deps.db, known.id) : [];
  const members = decideMembers(current, {
    owner: input.userEmail,
    setters: input.setterEmails,
    inboxManagers: mergeInboxManagers(input),
  });
  const userIds = await findUsers(deps.db, [...members.members.map((m) => m.email), ...members.removed]);
  const unknown = members.changed.map((m) => m.email).filter((email) => !userIds.has(email));
  if (unknown.length > 0 && !input.invite) {
    throw new AppError("unknown_users", "Nobody signs in with these addresses. Send invite to invite them.", {
      status: 404,
      details: { emails: unknown },
    });
  }
  const steps = await planAccounts(deps, known?.connections ?? [], input);
  const invited = new Set(unknown);
  if (input.dryRun) return rehearse(deps.db, known?.id ?? null, steps, members, invited);

  const now = deps.clock.now();
  const saved = await runTransaction(deps.db, "provision workspace", async (tx) => {
    // Addresses of new workspaces and new people are unique: requests take turns over them.
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('provision workspace', 2))`;
    const workspace = await saveWorkspace(tx, { actor, now }, known, input, {
      lookbackDays: deps.config.reconcileLookbackDays,
      lookaheadDays: deps.config.reconcileLookaheadDays,
    });
    await saveMembers(tx, { actor, now }, workspace.workspaceId, members, userIds);
    return workspace;
  }).catch(translateRace);
  const problems = await applyAccounts(deps, actor, saved.workspaceId, steps);
  const hasNewMembers = members.changed.length + members.removed.length > 0;
  const hasNewAccounts = steps.some((step) => step.act !== "leave");
  return {
    workspaceId: saved.workspaceId,
    existed: known !== null,
    updated: known !== null && (saved.isChanged || hasNewMembers || hasNewAccounts),
    dryRun: false,
    connections: await describeAccounts(deps.db, saved.workspaceId, problems),
    members: describeMembers(members, invited),
  };
}

/** A workspace without an owner would be nobody's. */
function requireNew({ name, userEmail }: ProvisioningInput): void {
  if (name !== undefined && userEmail !== undefined) return;
  throw new AppError("bad_request", "A new workspace needs a name and a userEmail.", {
    details: [
      ...(name === undefined ? [{ path: "name", message: "is missing" }] : []),
      ...(userEmail === undefined ? [{ path: "userEmail", message: "is missing" }] : []),
    ],
  });
}

function mergeInboxManagers(input: ProvisioningInput): string[] | undefined {
  const { inboxManagerEmails: list, inboxManagerEmail: one } = input;
  return list === undefined && one === undefined
    ? undefined
    : [...new Set([...(list ?? []), ...(one ?? [])])];
}

async function loadMembers(db: Db, workspaceId: string) {
  const rows = await db.membership.findMany({
    where: { workspaceId },
    include: { user: { select: { email: true } } },
    orderBy: { createdAt: "asc" },
  });
  return rows.map(({ role, user }) => ({ email: user.email.toLowerCase(), role }));
}

async function findUsers(db: Db, emails: string[]): Promise<Map<string, string>> {
  const rows = await db.$queryRaw<{ id: string; email: string }[]>`
    SELECT id, lower(email) AS email FROM "User" WHERE lower(email) = ANY(${emails})`;
  return new Map(rows.map(({ id, email }) => [email, id]));
}

async function rehearse(
  db: Db,
  workspaceId: string | null,
  steps: AccountStep[],
  members: MemberDecision,
  invited: Set<string>,
): Promise<ProvisioningAnswer> {
  const known = workspaceId === null ? [] : await describeAccounts(db, workspaceId, []);
  const touched = steps.filter((step) => step.act !== "leave");
  const untouched = known.filter(({ provider }) => !touched.some((step) => step.provider === provider));
  return {
    workspaceId,
    existed: workspaceId !== null,
    updated: false,
    dryRun: true,
    connections: [
      ...untouched,
      ...touched.map(({ provider, act }) => ({
        provider,
        state: act === "disconnect" ? ("off" as const) : ("verified" as const),
        reason: null,
      })),
    ],
    members: describeMembers(members, invited),
  };
}

/** Each provider's account as it is now; one that was just disconnected is `off`. */
async function describeAccounts(
  db: Db,
  workspaceId: string,
  problems: AccountProblem[],
): Promise<AccountState[]> {
  const rows = await db.connection.findMany({ where: { workspaceId }, orderBy: { createdAt: "desc" } });
  return Object.values(Provider).flatMap((provider): AccountState[] => {
    const own = rows.filter((row) => row.provider === provider);
    const row = own.find(({ state }) => state !== "off") ?? own[0];
    const problem = problems.find((each) => each.provider === provider);
    if (!row) return problem ? [{ provider, state: "off", reason: problem.reason }] : [];
    return [{ provider, state: row.state, reason: problem?.reason ?? row.reasonCode }];
  });
}

/** Owners first; within a role by address, so that the same request is answered the same way. */
function describeMembers({ members }: MemberDecision, invited: Set<string>) {
  const sorted = members.toSorted(
    (a, b) => ROLE_STRENGTH.indexOf(b.role) - ROLE_STRENGTH.indexOf(a.role) || (a.email < b.email ? -1 : 1),
  );
  return sorted.map(({ email, role }) => ({ email, role, invited: invited.has(email) }));
}

/** Two requests for one new workspace: the unique keys let one of them through. */
function translateRace(error: unknown): never {
  if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2002") {
    throw conflict("workspace_changed", "Somebody else is changing this workspace. Send it again.");
  }
  throw error;
}
