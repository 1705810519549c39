import type { Actor } from "#server/audit/actor.ts";
import { countEffects } from "#server/audit/count-effects.ts";
import { type AuditInput, writeAudit } from "#server/audit/write-audit.ts";
import type { Tx } from "#server/db/client.ts";
import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { publish } from "#server/db/outbox.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { decideSilence } from "#server/follow-ups/decide-silence.ts";
import { AppError } from "#server/lib/errors.ts";
import { convergeLeads } from "#server/reconcile/converge-leads.ts";
import { rematchLeads } from "#server/reconcile/rematch-leads.ts";
import { analyzeGrownLeads } from "./analyze-grown-leads.ts";
import { decideUpserts, type LeadDraft, type UpsertResults } from "./decide-upserts.ts";
import { loadKnownLeads } from "./load-known-leads.ts";
import { saveLeadDrafts } from "./save-lead-drafts.ts";

const MAX_LEADS_PER_REQUEST = 5_000;

type UpsertOptions = { actor: Actor; source: "import" };

const MAX_ATTEMPTS = 3;

/**
 * Creates and updates leads as a customer gives them, at most `MAX_LEADS_PER_REQUEST` at once, in one transaction with
 * everything that follows: bookings that were nobody's find their lead, and shared addresses are marked (R13). An item
 * that cannot be taken is named in `errors` and stops no other; a lead that says so already is not written.
 */
export async function upsertLeads(
  deps: Pick<Deps, "db" | "clock" | "queue">,
  workspaceId: string,
  items: unknown[],
  options: UpsertOptions,
): Promise<UpsertResults> {
  if (items.length > MAX_LEADS_PER_REQUEST) {
    throw new AppError("too_many_leads", `At most ${MAX_LEADS_PER_REQUEST} leads at once.`, { status: 413 });
  }
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const results = await runTransaction(deps.db, "upsert leads", (tx) =>
      tryUpsert(tx, deps, workspaceId, items, options),
    ).catch(catchMoved);
    if (!results) continue;
    if (results.created > 0) await analyzeGrownLeads(deps.db);
    return results;
  }
  throw new AppError("database_busy", "Too many changes at once. Try again in a moment.", { status: 503 });
}

/** Somebody else changed a lead between our reading and our writing: everything is taken back and read again. */
class LeadMoved extends Error {}

function catchMoved(error: unknown): null {
  if (error instanceof LeadMoved) return null;
  throw error;
}

async function tryUpsert(
  tx: Tx,
  { clock, queue }: Pick<Deps, "clock" | "queue">,
  workspaceId: string,
  items: unknown[],
  { actor, source }: UpsertOptions,
): Promise<UpsertResults> {
  await lockWorkspace(tx, workspaceId);
  const now = clock.now();
  const known = await loadKnownLeads(tx, workspaceId, items);
  const { drafts, ...results } = decideUpserts(known, items, now);
  if (drafts.length === 0) return results;
  if (!(await saveLeadDrafts(tx, { workspaceId, now }, drafts))) throw new LeadMoved();

  await writeAudit(tx, actor, now, [
    summaryOf(workspaceId, results, source),
    ...drafts.flatMap((draft) => describeLabels(workspaceId, draft, source)),
  ]);
  const step = { workspaceId, source, now, actor, reason: "leads_imported" };
  await rematchLeads(tx, { workspaceId, leadIds: drafts.map(idOf), ...changedKeys(drafts) }, step);
  await convergeLeads(tx, drafts.filter(isSilenceMoved).map(idOf), step);
  const relabeled = drafts.filter(({ before, fields }) => before !== null && before.status !== fields.status);
  await countEffects(tx, { workspaceId, source }, { status_changed: relabeled.length });
  await queue.send("refresh-causes", { workspaceId }, { key: workspaceId, tx });
  await publish(tx, now, [
    { workspaceId, kind: "lead", ids: drafts.map(idOf) },
    { workspaceId, kind: "mismatch", ids: drafts.filter(hasNewLabels).map(idOf) },
  ]);
  return results;
}

function idOf({ id }: LeadDraft): string {
  if (id === null) throw new Error("A draft has its id once it is saved.");
  return id;
}

/** Addresses and contact ids by which bookings may now belong to somebody else than before. */
function changedKeys(drafts: LeadDraft[]): { emailKeys: string[]; contactIds: string[] } {
  const emailKeys = drafts.flatMap(({ before, fields, addedAliases }) => {
    const [was, is] = [before?.email.toLowerCase(), fields.email.toLowerCase()];
    return was === is ? [...addedAliases] : [...addedAliases, is, ...(was ? [was] : [])];
  });
  return { emailKeys: [...new Set(emailKeys)], contactIds: drafts.flatMap((d) => [...d.addedContacts]) };
}

function hasNewLabels({ before, fields }: LeadDraft): boolean {
  return before?.status !== fields.status || before.sentiment !== fields.sentiment;
}

/** R28: who is to hear nothing leaves its sequences at once; nobody new is in any. */
function isSilenceMoved({ before, fields }: LeadDraft): boolean {
  if (before === null) return false;
  return decideSilence(before)?.reason !== decideSilence(fields)?.reason;
}

function summaryOf(workspaceId: string, results: UpsertResults, source: "import"): AuditInput {
  const { created, updated, unchanged, errors } = results;
  return {
    workspaceId,
    verb: "leads_upserted",
    subjectType: "workspace",
    subjectId: workspaceId,
    after: { created, updated, unchanged, errors: errors.length },
    source,
  };
}

/** A known lead whose words change has a line of its own, as it has when a person changes them. */
function describeLabels(workspaceId: string, draft: LeadDraft, source: "import"): AuditInput[] {
  const { before, fields } = draft;
  if (before === null || !hasNewLabels(draft)) return [];
  return [
    {
      workspaceId,
      verb: "lead_labeled",
      subjectType: "lead",
      subjectId: idOf(draft),
      leadId: idOf(draft),
      before: { status: before.status, sentiment: before.sentiment },
      after: { status: fields.status, sentiment: fields.sentiment },
      source,
      reason: "leads_imported",
    },
  ];
}
