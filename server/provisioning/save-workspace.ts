import { randomUUID } from "node:crypto";
import type { Actor } from "#server/audit/actor.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import type { Tx } from "#server/db/client.ts";
import type { Workspace } from "#server/db/generated/client.ts";
import { AppError } from "#server/lib/errors.ts";
import type { MemberDecision } from "./decide-members.ts";
import { createDefaultSequences } from "./default-sequences.ts";
import type { ProvisioningInput } from "./provisioning-input.ts";
import { buildSlug } from "./workspace-slug.ts";

export type SaveStep = { actor: Actor; now: Date };

/** What a new workspace looks back and ahead unless it says otherwise (R9). */
export type UsualWindow = { lookbackDays: number; lookaheadDays: number };

/** Creates the workspace, or sets what the input names; answers its id and whether anything was written. */
export async function saveWorkspace(
  tx: Tx,
  { actor, now }: SaveStep,
  known: Workspace | null,
  input: ProvisioningInput,
  usual: UsualWindow,
): Promise<{ workspaceId: string; isChanged: boolean }> {
  const wanted = {
    ...input.settings,
    ...(input.name === undefined ? {} : { name: input.name }),
    ...(input.externalId === undefined ? {} : { externalId: input.externalId }),
  };
  if (!known) {
    if (input.name === undefined) throw new AppError("bad_request", "A new workspace needs a name.");
    const taken = await tx.workspace.findMany({ select: { slug: true } });
    const slug = buildSlug(input.name, new Set(taken.map((row) => row.slug)));
    const { id } = await tx.workspace.create({
      data: { ...usual, ...wanted, name: input.name, slug, createdAt: now, updatedAt: now },
    });
    await createDefaultSequences(tx, id, now);
    await writeAudit(tx, actor, now, [auditOf(id, "workspace_created", null, wanted)]);
    return { workspaceId: id, isChanged: true };
  }
  const changed = Object.fromEntries(
    Object.entries(wanted).filter(([key, value]) => !isSame(known[key as keyof Workspace], value)),
  );
  if (Object.keys(changed).length === 0) return { workspaceId: known.id, isChanged: false };
  await tx.workspace.update({ where: { id: known.id }, data: { ...changed, updatedAt: now } });
  const before = Object.fromEntries(Object.keys(changed).map((key) => [key, known[key as keyof Workspace]]));
  await writeAudit(tx, actor, now, [auditOf(known.id, "workspace_updated", before, changed)]);
  return { workspaceId: known.id, isChanged: true };
}

/** Writes roles, with a user for everybody who was invited; who leaves keeps no lead. */
export async function saveMembers(
  tx: Tx,
  { actor, now }: SaveStep,
  workspaceId: string,
  { changed, removed }: MemberDecision,
  userIds: Map<string, string>,
): Promise<void> {
  for (const { email, role } of changed) {
    const userId = userIds.get(email) ?? (await inviteUser(tx, email, now));
    await tx.membership.upsert({
      where: { workspaceId_userId: { workspaceId, userId } },
      create: { workspaceId, userId, role, createdAt: now },
      update: { role },
    });
    await writeAudit(tx, actor, now, [memberAudit(workspaceId, "member_added", userId, role)]);
  }
  for (const email of removed) {
    const userId = userIds.get(email);
    if (!userId) continue;
    await tx.membership.deleteMany({ where: { workspaceId, userId } });
    await tx.lead.updateMany({
      where: { workspaceId, assignedToId: userId },
      data: { assignedToId: null, version: { increment: 1 }, updatedAt: now },
    });
    await writeAudit(tx, actor, now, [memberAudit(workspaceId, "member_removed", userId, null)]);
  }
}

/** Somebody who cannot sign in yet: an administrator gives them their first password (`npm run admin`). */
async function inviteUser(tx: Tx, email: string, now: Date): Promise<string> {
  const [known] = await tx.$queryRaw<{ id: string }[]>`SELECT id FROM "User" WHERE lower(email) = ${email}`;
  if (known) return known.id; // invited by another request since this one looked
  const id = randomUUID();
  await tx.user.create({
    data: { id, email, name: email.split("@")[0] ?? email, createdAt: now, updatedAt: now },
  });
  return id;
}

function isSame(known: unknown, wanted: unknown): boolean {
  return JSON.stringify(known) === JSON.stringify(wanted);
}

function auditOf(workspaceId: string, verb: string, before: unknown, after: unknown) {
  return {
    workspaceId,
    verb,
    subjectType: "workspace",
    subjectId: workspaceId,
    before,
    after,
    source: "operator" as const,
  };
}

function memberAudit(workspaceId: string, verb: string, userId: string, role: string | null) {
  return {
    workspaceId,
    verb,
    subjectType: "membership",
    subjectId: userId,
    after: { role },
    source: "operator" as const,
  };
}
