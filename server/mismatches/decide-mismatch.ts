import { z } from "zod";
import type { Tx } from "#server/db/client.ts";
import type { Prisma } from "#server/db/generated/client.ts";
import type { LeadStatus, Sentiment } from "#server/db/generated/enums.ts";
import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { addMs } from "#server/lib/duration.ts";
import { AppError, conflict, notFound } from "#server/lib/errors.ts";
import { applyItems } from "./apply-items.ts";
import { decideAcceptance, isProtected } from "./decide-acceptance.ts";
import { decidedFields } from "./decided-fields.ts";
import { nameOf } from "./list-mismatches.ts";
import { loadLastDecision } from "./load-last-decision.ts";
import { UNDO_LASTS_MS } from "./plan-rules.ts";

/** Why a conversation's label is kept against the evidence (R23). */
export const KEEP_REASONS = [
  "booked_elsewhere",
  "confirmed_by_lead",
  "provider_wrong",
  "handled_outside",
] as const;

/** Why a protected lead is accepted all the same. */
export const PROTECTED_REASONS = ["asked_again", "set_by_mistake", "agreed_with_owner"] as const;

const target = { leadId: z.uuid(), version: z.number().int() };

export const mismatchDecision = z.discriminatedUnion("decision", [
  z.object({ ...target, decision: z.literal("accept"), reason: z.enum(PROTECTED_REASONS).optional() }),
  z.object({ ...target, decision: z.literal("keep"), reason: z.enum(KEEP_REASONS) }),
  z.object({
    ...target,
    decision: z.literal("needs_info"),
    until: z.iso
      .datetime()
      .transform((text) => new Date(text))
      .optional(),
  }),
]);
export type MismatchDecision = z.infer<typeof mismatchDecision>;

type LeadRow = {
  id: string;
  version: number;
  firstName: string | null;
  lastName: string | null;
  email: string;
  mismatchKind: number | null;
  claimUnverified: boolean;
  status: LeadStatus;
  sentiment: Sentiment;
  updatedAt: Date;
};

/**
 * One person's decision on one lead: a plan of one, applied at once, with a receipt like any other. Refused when the
 * lead moved since they looked, with who decided what and when.
 */
export async function decideMismatch(
  deps: Pick<Deps, "db" | "clock">,
  input: MismatchDecision,
  who: { workspaceId: string; userId: string },
): Promise<{ receiptId: string; leadId: string; name: string }> {
  return runTransaction(deps.db, "decide mismatch", async (tx) => {
    await lockWorkspace(tx, who.workspaceId);
    const now = deps.clock.now();
    const lead = await loadLead(tx, who.workspaceId, input.leadId);
    if (!lead) throw notFound("Lead");
    await refuseIfMoved(tx, lead, input);
    const after = input.decision === "accept" ? acceptedLabels(lead, input.reason) : {};
    const receiptId = await applyAtOnce(tx, input, after, who, now);
    return { receiptId, leadId: lead.id, name: nameOf(lead) };
  });
}

async function loadLead(tx: Tx, workspaceId: string, leadId: string): Promise<LeadRow | null> {
  const [row] = await tx.$queryRaw<LeadRow[]>`
    SELECT l.id, l.version, l."firstName", l."lastName", l.email, l."mismatchKind", l."claimUnverified", l.status,
           l.sentiment, l."updatedAt"
    FROM "Lead" l
    WHERE l.id = ${leadId}::uuid AND l."workspaceId" = ${workspaceId}::uuid`;
  return row ?? null;
}

async function refuseIfMoved(tx: Tx, lead: LeadRow, { version }: MismatchDecision): Promise<void> {
  if (lead.version !== version) {
    const last = await loadLastDecision(tx, lead.id);
    const isDecision = last !== null && last.at.getTime() === lead.updatedAt.getTime();
    throw isDecision
      ? conflict("decided_meanwhile", `${last.by ?? "Somebody"} decided this meanwhile.`, {
          who: last.by,
          what: last.decision,
          when: last.at,
        })
      : conflict("changed_since", "This lead changed since you looked. Look again before deciding.");
  }
  if (lead.mismatchKind === null && !lead.claimUnverified) {
    throw conflict("no_mismatch", "Claim and evidence agree by now. Nothing was changed.");
  }
}

function acceptedLabels(
  lead: LeadRow,
  reason: string | undefined,
): { status: LeadStatus; sentiment: Sentiment } {
  if (isProtected(lead.status) && !reason) {
    throw new AppError("reason_required", "This status is protected. Say why it should change.");
  }
  const facts = {
    kind: lead.mismatchKind,
    claimUnverified: lead.claimUnverified,
    status: lead.status,
    sentiment: lead.sentiment,
    // Whoever looks at this version of the lead sees the standing decision, and overrules it.
    decision: null,
    wasAccepted: false,
    check: "fresh" as const,
    isGated: false,
  };
  const verdict = decideAcceptance(facts, "single");
  if (verdict.outcome !== "will_change") {
    throw conflict("not_checked", "Nobody has checked this claim yet. Re-check the providers first.");
  }
  return { status: verdict.status, sentiment: verdict.sentiment };
}

async function applyAtOnce(
  tx: Tx,
  input: MismatchDecision,
  after: { status?: LeadStatus; sentiment?: Sentiment },
  who: { workspaceId: string; userId: string },
  now: Date,
): Promise<string> {
  const reason = "reason" in input ? (input.reason ?? null) : null;
  const plan = await tx.bulkPlan.create({
    data: {
      workspaceId: who.workspaceId,
      decision: input.decision,
      reason,
      scope: { ids: [input.leadId] },
      counts: { willChange: 1 },
      state: "applied",
      frozenAt: now,
      createdById: who.userId,
      applied: 1,
      total: 1,
      receipt: {
        create: {
          workspaceId: who.workspaceId,
          actorId: who.userId,
          at: now,
          applied: 1,
          undoUntil: addMs(now, UNDO_LASTS_MS),
        },
      },
    },
    include: { receipt: true },
  });
  await tx.$executeRaw`
    INSERT INTO "PlanItem" ("planId", "leadId", position, kind, outcome, "leadVersion", before, after)
    SELECT ${plan.id}::uuid, l.id, 1, coalesce(l."mismatchKind", 0), 'will_change', l.version, ${decidedFields},
           ${after as Prisma.InputJsonObject}::jsonb
    FROM "Lead" l WHERE l.id = ${input.leadId}::uuid`;
  const receiptId = plan.receipt?.id ?? "";
  await applyItems(
    tx,
    {
      id: plan.id,
      workspaceId: who.workspaceId,
      decision: input.decision,
      reason,
      until: input.decision === "needs_info" ? (input.until ?? null) : null,
      createdById: who.userId,
      receiptId,
    },
    { limit: 1, after: 0, now },
  );
  return receiptId;
}
