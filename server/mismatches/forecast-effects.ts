import type { Tx } from "#server/db/client.ts";
import type { LeadStatus, Sentiment } from "#server/db/generated/enums.ts";
import { decideTransition, type Effect } from "#server/reconcile/decide-transition.ts";
import { loadTransitionFacts } from "#server/reconcile/load-transition-facts.ts";

const PAGE = 2_000;

export type AcceptedLabels = { leadId: string; status: LeadStatus; sentiment: Sentiment };

/**
 * What the transition would do to these leads once they carry the accepted labels: the very decision that applying
 * takes, without writing anything. Leads without any appointment have nothing to lose or gain and are left out.
 */
export async function forecastEffects(
  tx: Tx,
  workspaceId: string,
  accepted: AcceptedLabels[],
  now: Date,
): Promise<Map<string, Effect[]>> {
  if (accepted.length === 0) return new Map();
  const labels = new Map(accepted.map((each) => [each.leadId, each]));
  const loaded = await loadTransitionFacts(tx, workspaceId, [...labels.keys()], {
    createdIds: new Set(),
    movedIds: new Set(),
    skipSideEffects: false,
    accepted: true,
    now,
  });
  return new Map(
    loaded.map(({ row, facts }) => {
      const { status, sentiment } = labels.get(row.id) ?? facts.lead;
      return [row.id, decideTransition({ ...facts, lead: { ...facts.lead, status, sentiment } }).effects];
    }),
  );
}

/** The plan's effects beyond the labels, added up over the leads that will change. */
export async function countEffects(
  tx: Tx,
  workspaceId: string,
  planId: string,
  now: Date,
): Promise<{ redTasks: number; sequencesStopped: number; sequencesStarted: number }> {
  const counts = { redTasks: 0, sequencesStopped: 0, sequencesStarted: 0 };
  for (let after = 0; ; ) {
    const rows = await tx.$queryRaw<(AcceptedLabels & { position: number })[]>`
      SELECT i."leadId", i.position, i.after->>'status' AS status, i.after->>'sentiment' AS sentiment
      FROM "PlanItem" i JOIN "Lead" l ON l.id = i."leadId"
      WHERE i."planId" = ${planId}::uuid AND i.outcome = 'will_change' AND i.position > ${after}
        AND l."meetingState" <> 'none'
      ORDER BY i.position LIMIT ${PAGE}`;
    for (const effects of (await forecastEffects(tx, workspaceId, rows, now)).values()) {
      for (const { effect } of effects) {
        if (effect === "open_task") counts.redTasks += 1;
        if (effect === "stop_instance") counts.sequencesStopped += 1;
        if (effect === "start_instance") counts.sequencesStarted += 1;
      }
    }
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return counts;
    after = last.position;
  }
}
