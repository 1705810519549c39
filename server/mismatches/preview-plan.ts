import { createHash } from "node:crypto";
import type { Tx } from "#server/db/client.ts";
import { Prisma } from "#server/db/generated/client.ts";
import type { MeetingState } from "#server/db/generated/enums.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { addDays } from "#server/lib/duration.ts";
import { AppError } from "#server/lib/errors.ts";
import { type Acceptance, type AcceptanceFacts, decideAcceptance } from "./decide-acceptance.ts";
import { decidedFields } from "./decided-fields.ts";
import { countEffects } from "./forecast-effects.ts";
import { nameOf } from "./list-mismatches.ts";
import { type CheckTimes, loadCheckTimes } from "./load-check-times.ts";
import { DECISION_VERBS } from "./load-last-decision.ts";
import type { FilterContext } from "./mismatch-filter.ts";
import { type PlanScope, scopeCondition } from "./plan-scope.ts";
import { writeToken } from "./plan-token.ts";

export type PlanCounts = {
  willChange: number;
  noChange: number;
  skipped: { reason: string; count: number; by: string[] }[];
  heldBack: number;
  mayEnrolAgain: number;
  redTasks: number;
  sequencesStopped: number;
  sequencesStarted: number;
};

export type PlanSample = {
  leadId: string;
  name: string;
  meetingState: MeetingState;
  lostAt: Date | null;
  canceledByType: string | null;
};

export type PlanPreview = PlanCounts & {
  token: string;
  frozenAt: Date;
  total: number;
  sample: PlanSample[];
};

type FactRow = AcceptanceFacts & { count: number };

/**
 * Freezes what accepting the evidence would do to every lead in scope. Leads fall into a few classes of equal facts;
 * each class is decided once, and one statement writes the verdict to all of its leads. Nothing about a lead changes.
 */
export async function previewPlan(
  deps: Pick<Deps, "db" | "clock">,
  scope: PlanScope,
  context: Omit<FilterContext, "now">,
): Promise<PlanPreview> {
  const now = deps.clock.now();
  const within = { ...context, now };
  return runTransaction(
    deps.db,
    "preview plan",
    async (tx) => {
      const checks = await loadCheckTimes(tx, context.workspaceId, now);
      const { heldGateDays } = await tx.workspace.findUniqueOrThrow({
        where: { id: context.workspaceId },
        select: { heldGateDays: true },
      });
      const facts = factColumns(checks, now, heldGateDays);
      const classes = await tx.$queryRaw<FactRow[]>`
        SELECT f.*, count(*)::int AS count FROM "Lead" l CROSS JOIN LATERAL (SELECT ${facts}) f
        WHERE ${scopeCondition(scope, within)} GROUP BY 1, 2, 3, 4, 5, 6, 7, 8`;
      if (classes.length === 0) {
        throw new AppError("empty_scope", "No mismatch matches this. Nothing to decide.");
      }
      const verdicts = classes.map((row) => ({ facts: row, verdict: decideAcceptance(row, "bulk") }));
      const plan = await tx.bulkPlan.create({
        data: {
          workspaceId: context.workspaceId,
          decision: "accept",
          scope,
          counts: {},
          frozenAt: now,
          createdById: context.userId,
          total: classes.reduce((sum, { count }) => sum + count, 0),
        },
      });
      await insertItems(tx, plan.id, verdicts, facts, scopeCondition(scope, within));
      const counts: PlanCounts = {
        ...sumVerdicts(verdicts),
        skipped: await countSkipped(tx, plan.id),
        ...(await countEffects(tx, context.workspaceId, plan.id, now)),
      };
      const hash = await hashItems(tx, plan.id);
      await tx.bulkPlan.update({ where: { id: plan.id }, data: { counts: { ...counts, hash } } });
      const sample = await loadSample(tx, plan.id);
      return { token: writeToken(plan.id, hash), frozenAt: now, total: plan.total, sample, ...counts };
    },
    // Classes and items must see the same leads.
    { isolationLevel: "RepeatableRead" },
  );
}

function factColumns(checks: CheckTimes, now: Date, heldGateDays: number): Prisma.Sql {
  const full = Prisma.sql`greatest(l."lookedUpAt", ${checks.fullAt}::timestamptz)`;
  const any = Prisma.sql`greatest(l."lookedUpAt", l."meetingAsOf", ${checks.anyAt}::timestamptz)`;
  const checked = Prisma.sql`CASE WHEN l."mismatchKind" IN (2, 3, 4) THEN ${any} ELSE ${full} END`;
  const gateSince = new Date(now.getTime() - heldGateDays * 86_400_000);
  return Prisma.sql`
    l."mismatchKind" AS kind, l."claimUnverified", l.status, l.sentiment, l.decision,
    CASE WHEN ${checked} IS NULL THEN 'never' WHEN ${checked} < ${checks.freshSince}::timestamptz THEN 'stale'
         ELSE 'fresh' END AS "check",
    (l."meetingState" = 'booked' OR l."sharedBooking"
      OR (l."meetingState" = 'held' AND l."meetingEndAt" > ${gateSince}::timestamptz)) AS "isGated",
    (l."mismatchKind" IS NULL AND NOT l."claimUnverified" AND EXISTS (
      SELECT 1 FROM "AuditEntry" a WHERE a."leadId" = l.id AND a.verb = ${DECISION_VERBS.accept}
        AND a.at > ${addDays(now, -1)}::timestamptz)) AS "wasAccepted"`;
}

async function insertItems(
  tx: Tx,
  planId: string,
  verdicts: { facts: FactRow; verdict: Acceptance }[],
  facts: Prisma.Sql,
  condition: Prisma.Sql,
): Promise<void> {
  const rows = JSON.stringify(
    verdicts.map(({ facts: { count: _, ...row }, verdict }) => ({
      ...row,
      outcome: verdict.outcome,
      reason: "reason" in verdict ? verdict.reason : null,
      after:
        verdict.outcome === "will_change" ? { status: verdict.status, sentiment: verdict.sentiment } : null,
    })),
  );
  await tx.$executeRaw`
    INSERT INTO "PlanItem" ("planId", "leadId", position, kind, outcome, reason, "leadVersion", before, after)
    SELECT ${planId}::uuid, l.id, row_number() OVER (ORDER BY l."mismatchSince" DESC, l.id DESC)::int,
           coalesce(l."mismatchKind", 0), v.outcome, v.reason, l.version, ${decidedFields}, v.after
    FROM "Lead" l CROSS JOIN LATERAL (SELECT ${facts}) f
    JOIN jsonb_to_recordset(${rows}::jsonb) AS v(
      kind int, "claimUnverified" boolean, status "LeadStatus", sentiment "Sentiment", decision "Decision",
      "check" text, "isGated" boolean, "wasAccepted" boolean, outcome "PlanOutcome", reason text, after jsonb)
      ON v.kind IS NOT DISTINCT FROM f.kind AND v."claimUnverified" = f."claimUnverified" AND v.status = f.status
     AND v.sentiment = f.sentiment AND v.decision IS NOT DISTINCT FROM f.decision AND v."check" = f."check"
     AND v."isGated" = f."isGated" AND v."wasAccepted" = f."wasAccepted"
    WHERE ${condition}`;
}

function sumVerdicts(verdicts: { facts: FactRow; verdict: Acceptance }[]) {
  const sum = (holds: (verdict: Acceptance) => boolean) =>
    verdicts.reduce((total, { facts, verdict }) => total + (holds(verdict) ? facts.count : 0), 0);
  return {
    willChange: sum((v) => v.outcome === "will_change"),
    noChange: sum((v) => v.outcome === "no_change"),
    heldBack: sum((v) => v.outcome === "held_back"),
    mayEnrolAgain: sum((v) => v.outcome === "will_change" && v.mayEnrol),
  };
}

/** By reason, and for those decided meanwhile by whom. */
async function countSkipped(tx: Tx, planId: string): Promise<PlanCounts["skipped"]> {
  return tx.$queryRaw<PlanCounts["skipped"]>`
    SELECT i.reason, count(*)::int AS count,
           coalesce(array_agg(DISTINCT u.name) FILTER (WHERE u.name IS NOT NULL), '{}') AS by
    FROM "PlanItem" i
    LEFT JOIN LATERAL (
      SELECT a."actorId" FROM "AuditEntry" a
      WHERE i.reason = 'decided_meanwhile' AND a."leadId" = i."leadId" AND a.verb = ANY(${Object.values(DECISION_VERBS)}::text[])
      ORDER BY a.id DESC LIMIT 1) last ON true
    LEFT JOIN "User" u ON u.id = last."actorId"
    WHERE i."planId" = ${planId}::uuid AND i.outcome = 'skipped'
    GROUP BY i.reason ORDER BY count DESC, i.reason`;
}

/** Proves at the commit that the plan is the one that was shown. */
export async function hashItems(tx: Tx, planId: string): Promise<string> {
  const [row] = await tx.$queryRaw<{ text: string }[]>`
    SELECT md5(coalesce(string_agg(i."leadId"::text || i."leadVersion" || i.outcome::text || coalesce(i.after::text, ''), ',' ORDER BY i.position), '')) AS text
    FROM "PlanItem" i WHERE i."planId" = ${planId}::uuid`;
  return createHash("sha256").update(`${planId}.${row?.text}`).digest("hex").slice(0, 24);
}

/** Five of those that will change, in an order that only the plan knows. */
async function loadSample(tx: Tx, planId: string): Promise<PlanSample[]> {
  const rows = await tx.$queryRaw<
    {
      leadId: string;
      firstName: string | null;
      lastName: string | null;
      email: string;
      meetingState: MeetingState;
      lostAt: Date | null;
      canceledByType: string | null;
    }[]
  >`
    SELECT i."leadId", l."firstName", l."lastName", l.email, l."meetingState", l."lostAt", a."canceledByType"
    FROM (SELECT "leadId" FROM "PlanItem" WHERE "planId" = ${planId}::uuid AND outcome = 'will_change'
          ORDER BY md5("leadId"::text || ${planId}) LIMIT 5) i
    JOIN "Lead" l ON l.id = i."leadId" LEFT JOIN "Appointment" a ON a.id = l."primaryId"`;
  return rows.map(({ firstName, lastName, email, ...row }) => ({
    ...row,
    name: nameOf({ firstName, lastName, email }),
  }));
}
