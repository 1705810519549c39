import type { Tx } from "#server/db/client.ts";
import type { BackfillSlice } from "#server/db/generated/client.ts";
import { addDays } from "#server/lib/duration.ts";
import { isLimit, ProviderError } from "#server/providers/provider-error.ts";
import { emptyApplyCounts } from "#server/reconcile/apply-readings.ts";
import { addCounts } from "#server/reconcile/converge-leads.ts";
import { findCheckedAt, readLead, stampLookup } from "#server/reconcile/look-up-lead.ts";
import type { OpenConnection } from "#server/reconcile/open-connection.ts";
import { savePageInParts } from "#server/reconcile/save-page-in-parts.ts";
import type { WindowPage } from "#server/reconcile/window-page.ts";
import { findLeads, type LookupLead } from "./find-leads.ts";
import type { RunDeps } from "./held-run.ts";
import { type PageResult, savePage } from "./save-page.ts";
import { finishSlice } from "./save-slice.ts";
import { restAfterPart, restBeforePage, type SliceEnd, type SliceTools } from "./slice-end.ts";
import { readPosition } from "./slice-position.ts";

/** Leads that are asked about before anything is saved. */
const PAGE_SIZE = 10;

type Answer = { lead: LookupLead; askedAt: Date; pages: { open: OpenConnection; page: WindowPage }[] };

/**
 * A day of a run that looks leads up (R30): every connection is asked about each of them, a few leads to a page. It
 * verifies leads and no calendar, so no day counts as covered by it, and nobody is missed.
 */
export async function lookUpSlice(
  deps: RunDeps,
  tools: SliceTools,
  slice: BackfillSlice,
  onSaved: (slice: BackfillSlice) => void,
): Promise<SliceEnd> {
  const { run, watch } = tools;
  const range = { from: slice.day, to: addDays(slice.day, 1) };
  const accounts = await openAll(deps, tools, slice);
  let current = slice;
  for (;;) {
    if (watch.signal.aborted) return { outcome: "stopped" };
    for (const { row } of accounts.opens) {
      const rest = await restBeforePage(deps, row);
      if (rest) return rest;
    }
    const position = readPosition(current.cursor);
    const choice = { after: position.cursor, take: PAGE_SIZE };
    const leads = await findLeads(deps.db, slice.workspaceId, range, choice);
    const last = leads.at(-1);
    if (!last) {
      await finishSlice(deps, run, current, {});
      return { outcome: "done" };
    }
    const { answers, limit } = await askAbout(deps, tools, accounts.opens, leads);
    const saved = await savePage(deps, run, current, {
      rejected: [],
      isWhole: limit === null,
      position: { ...position, cursor: answers.at(-1)?.lead.id ?? position.cursor, isStuck: false },
      apply: (tx, step) => applyAnswers(tx, answers, { ...step, slice, accounts }),
    });
    current = saved.slice;
    onSaved(current);
    if (saved.desired !== "running") return { outcome: "stopped" };
    if (limit) return restAfterPart(deps, limit.open.row, limit.error);
  }
}

type Accounts = {
  opens: OpenConnection[];
  /** Connections that the run is not about: a claim is checked as of what their sweeps have verified. */
  otherIds: string[];
  isFullScope: boolean;
};

/** Every active connection of the workspace that the run is about. */
async function openAll(deps: RunDeps, { run, open }: SliceTools, slice: BackfillSlice): Promise<Accounts> {
  const connections = await deps.db.connection.findMany({
    where: { workspaceId: slice.workspaceId, state: { not: "off" } },
    orderBy: { provider: "asc" },
    select: { id: true, provider: true, fullScope: true },
  });
  const wanted = connections.filter(({ provider }) => run.providers.includes(provider));
  if (wanted.length === 0) throw new ProviderError(slice.provider, "unauthorized", "Nothing is connected.");
  const isPatient = readPosition(slice.cursor).isStuck;
  const opens: OpenConnection[] = [];
  for (const { id } of wanted) opens.push(await open(id, { isPatient }));
  return {
    opens,
    otherIds: connections.filter((connection) => !wanted.includes(connection)).map(({ id }) => id),
    isFullScope: wanted.every(({ fullScope }) => fullScope),
  };
}

type Limit = { error: ProviderError; open: OpenConnection };

/** Lead after lead, each wholly or not at all; where a provider's limit ends it, the answers so far are kept. */
async function askAbout(
  deps: RunDeps,
  { watch }: SliceTools,
  opens: OpenConnection[],
  leads: LookupLead[],
): Promise<{ answers: Answer[]; limit: Limit | null }> {
  const answers: Answer[] = [];
  for (const lead of leads) {
    const askedAt = deps.clock.now();
    const pages: Answer["pages"] = [];
    for (const open of opens) {
      try {
        const page = await watch.reading(open.row, () => readLead(deps, open, lead.keys, askedAt));
        pages.push({ open, page });
      } catch (error) {
        if (isLimit(error) && answers.length > 0) return { answers, limit: { error, open } };
        throw error;
      }
    }
    answers.push({ lead, askedAt, pages });
  }
  return { answers, limit: null };
}

type AnswerStep = { now: Date; skipSideEffects: boolean; slice: BackfillSlice; accounts: Accounts };

/** Counts leads: with something new, with nothing new, and with a booking that the database does not take. */
async function applyAnswers(
  tx: Tx,
  answers: Answer[],
  { slice, accounts, now, skipSideEffects }: AnswerStep,
): Promise<PageResult> {
  const { workspaceId, backfillId } = slice;
  const step = { source: "backfill", reason: "lookup", backfillId, now, skipSideEffects } as const;
  const result: PageResult = {
    counts: emptyApplyCounts(),
    counters: { done: 0, known: 0, failed: 0 },
    poisoned: [],
  };
  for (const { lead, askedAt, pages } of answers) {
    let counts = emptyApplyCounts();
    const poisoned: string[] = [];
    for (const { open, page } of pages) {
      const applied = await savePageInParts(tx, open, page, step);
      counts = addCounts(counts, applied.counts);
      poisoned.push(...applied.poisoned);
    }
    const asked = { startedAt: askedAt, now, others: accounts.otherIds };
    const startedAt = await findCheckedAt(tx, workspaceId, asked);
    const isWhole = accounts.isFullScope && poisoned.length === 0;
    if (startedAt) await stampLookup(tx, workspaceId, lead.id, { startedAt, now, isWhole });
    result.counts = addCounts(result.counts, counts);
    result.poisoned.push(...poisoned);
    if (poisoned.length > 0) result.counters.failed += 1;
    else if (counts.created + counts.updated > 0) result.counters.done += 1;
    else result.counters.known += 1;
  }
  return result;
}
