import { randomUUID } from "node:crypto";
import { z } from "zod";
import { Prisma } from "#server/db/generated/client.ts";
import type { Deps } from "#server/deps.ts";
import { AppError } from "#server/lib/errors.ts";
import { applyPlan } from "#server/mismatches/apply-plan.ts";
import { commitPlan } from "#server/mismatches/commit-plan.ts";
import { type MismatchTab, tabCondition } from "#server/mismatches/mismatch-filter.ts";
import { API_AUTHOR } from "#server/mismatches/plan-author.ts";
import { type PlanPreview, previewPlan } from "#server/mismatches/preview-plan.ts";
import type { Answer } from "../answer-once.ts";
import { findWorkspace } from "../find-workspace.ts";
import { createRehearsalDb } from "../rehearsal-db.ts";

export const acceptBody = z.strictObject({
  /** Id or slug. */
  workspaceId: z.string().trim().min(1).max(100),
  /** These leads; without them, the oldest of each kind. */
  leadIds: z.array(z.uuid()).min(1).max(10_000).optional(),
  kinds: z
    .array(z.literal([1, 2, 3, 4]))
    .min(1)
    .optional(),
  limitPerType: z.int().min(1).max(2_500).default(500),
  dryRun: z.boolean().default(false),
  /** Wanted where very many leads would change: the number that a dry run told. */
  confirmCount: z.int().optional(),
});

type AcceptInput = z.output<typeof acceptBody>;

/** So many are applied while the caller waits; more go on as a job. */
const APPLY_AT_ONCE = 1_000;

const NOTHING = {
  willChange: 0,
  noChange: 0,
  skipped: [],
  heldBack: 0,
  mayEnrolAgain: 0,
  redTasks: 0,
  sequencesStopped: 0,
  sequencesStarted: 0,
};

/**
 * Accepts what the providers say for many leads (R23), through the same frozen plan, receipt and undo as the console.
 * A dry run freezes, counts and takes it all back: nothing is written (R19).
 */
export async function acceptMismatches(deps: Deps, input: AcceptInput): Promise<Answer> {
  const workspaceId = await findWorkspace(deps, input.workspaceId);
  const context = { workspaceId, userId: API_AUTHOR };
  const ids = input.leadIds ?? (await chooseLeads(deps, workspaceId, input));
  const base = { workspaceId, dryRun: input.dryRun, receiptId: null, state: null, applied: 0, failed: 0 };
  if (ids.length === 0) return { status: 200, body: { ...base, total: 0, ...NOTHING } };

  const scope = { ids, filter: { tab: "1" as const } };
  const writing = input.dryRun ? { ...deps, db: createRehearsalDb(deps.db) } : deps;
  const { token, ...preview } = await previewPlan(writing, scope, context);
  const counts = describePreview(preview);
  if (input.dryRun || preview.willChange === 0) return { status: 200, body: { ...base, ...counts } };

  const commit = { token, idempotencyKey: randomUUID(), confirmCount: input.confirmCount };
  const { receiptId } = await commitPlan(deps, commit, context);
  const receipt = await deps.db.receipt.findUniqueOrThrow({ where: { id: receiptId } });
  if (preview.willChange <= APPLY_AT_ONCE) {
    // The job is in line too: whichever comes second finds nothing left to do.
    await applyPlan(deps, { planId: receipt.planId }, new AbortController().signal);
  }
  const plan = await deps.db.bulkPlan.findUniqueOrThrow({
    where: { id: receipt.planId },
    select: { state: true, receipt: { select: { applied: true, failed: true } } },
  });
  return {
    status: plan.state === "applied" ? 200 : 202,
    body: { ...base, ...counts, receiptId, state: plan.state, ...plan.receipt },
  };
}

/** What a preview shows people is no business of programs: names, and who decided meanwhile. */
function describePreview({ sample: _, frozenAt: __, skipped, ...counts }: Omit<PlanPreview, "token">) {
  return { ...counts, skipped: skipped.map(({ reason, count }) => ({ reason, count })) };
}

const TABS: Record<number, MismatchTab> = { 1: "1", 2: "2", 3: "3", 4: "4" };

async function chooseLeads(
  { db, clock }: Pick<Deps, "db" | "clock">,
  workspaceId: string,
  { kinds = [1, 2, 3, 4], limitPerType }: AcceptInput,
): Promise<string[]> {
  const context = { workspaceId, userId: API_AUTHOR, now: clock.now() };
  const perKind = [...new Set(kinds)].map((kind) => {
    const tab = TABS[kind];
    if (!tab) throw new AppError("bad_request", "There is no such kind.");
    return Prisma.sql`(SELECT l.id FROM "Lead" l WHERE ${tabCondition(tab, context)}
                       ORDER BY l."mismatchSince", l.id LIMIT ${limitPerType})`;
  });
  const rows = await db.$queryRaw<{ id: string }[]>`${Prisma.join(perKind, " UNION ALL ")}`;
  return rows.map(({ id }) => id);
}
