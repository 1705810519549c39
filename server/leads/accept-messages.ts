import type { Actor } from "#server/audit/actor.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import type { Tx } from "#server/db/client.ts";
import type { Sentiment } from "#server/db/generated/enums.ts";
import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { publish } from "#server/db/outbox.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { decideSilence } from "#server/follow-ups/decide-silence.ts";
import { AppError } from "#server/lib/errors.ts";
import { isStorableText } from "#server/lib/storable.ts";
import { convergeLeads } from "#server/reconcile/converge-leads.ts";
import { decideMessages, type MessagePlan, type MessageResult, type TalkLead } from "./decide-messages.ts";

const MAX_MESSAGES_PER_REQUEST = 5_000;

export type MessagesAnswer = { accepted: number; duplicates: number; results: MessageResult[] };

/**
 * Takes messages that were exchanged with known leads: who said what kind of thing when, never the text (R43). Each is
 * taken once, by its external id; one that cannot be taken is named and stops no other.
 */
export async function acceptMessages(
  deps: Pick<Deps, "db" | "clock" | "queue">,
  actor: Actor,
  workspaceId: string,
  items: unknown[],
): Promise<MessagesAnswer> {
  if (items.length > MAX_MESSAGES_PER_REQUEST) {
    throw new AppError("too_many_messages", `At most ${MAX_MESSAGES_PER_REQUEST} messages at once.`, {
      status: 413,
    });
  }
  return runTransaction(deps.db, "accept messages", async (tx) => {
    await lockWorkspace(tx, workspaceId);
    const now = deps.clock.now();
    const plan = decideMessages(await loadKnown(tx, workspaceId, items), items, now);
    await insertMessages(tx, workspaceId, plan.accepted);
    await updateLeads(tx, now, plan.leads);
    const relabeled = plan.leads.filter(({ before, after }) => before.sentiment !== after.sentiment);
    await writeAudit(
      tx,
      actor,
      now,
      relabeled.map(({ before, after }) => ({
        workspaceId,
        verb: "lead_labeled",
        subjectType: "lead",
        subjectId: after.id,
        leadId: after.id,
        before: { sentiment: before.sentiment },
        after: { sentiment: after.sentiment },
        source: "import",
        reason: "message",
      })),
    );
    // Who wants to hear nothing is out of its sequences at once, and who wants to again goes on (R28).
    await convergeLeads(
      tx,
      relabeled
        .filter(({ before, after }) => isSilent(before) || isSilent(after))
        .map(({ after }) => after.id),
      { workspaceId, source: "import", reason: "message", actor, now },
    );
    // A link that was sent, or a word that changed, may be why a claim has no meeting.
    if (plan.leads.length > 0) {
      await deps.queue.send("refresh-causes", { workspaceId }, { key: workspaceId, tx });
    }
    await publish(tx, now, [
      { workspaceId, kind: "lead", ids: plan.leads.map(({ after }) => after.id) },
      { workspaceId, kind: "mismatch", ids: relabeled.map(({ after }) => after.id) },
    ]);
    return {
      accepted: plan.accepted.length,
      duplicates: plan.results.filter(({ result }) => result === "duplicate").length,
      results: plan.results,
    };
  });
}

/** By the conversation's word alone; a status that says so stays as it is. */
function isSilent({ sentiment }: { sentiment: Sentiment }): boolean {
  return decideSilence({ status: "new", sentiment }) !== null;
}

async function loadKnown(tx: Tx, workspaceId: string, items: unknown[]) {
  const read = (name: string) =>
    items.flatMap((item) => {
      const value = typeof item === "object" && item !== null ? Reflect.get(item, name) : undefined;
      return typeof value === "string" && isStorableText(value) ? [value.trim()] : [];
    });
  const emails = read("leadEmail").map((email) => email.toLowerCase());
  // Locked: operators change leads without the workspace lock, and what they did is not overwritten.
  const leads = await tx.$queryRaw<TalkLead[]>`
    SELECT id, "externalId", "emailKey", "createdAt", sentiment, "sentimentAt", "lastInboundAt", "lastMessageAt",
           "lastMessageDirection", "lastMessageChannel", "linkSentAt"
    FROM "Lead"
    WHERE id IN (
      SELECT id FROM "Lead" WHERE "workspaceId" = ${workspaceId}::uuid AND "externalId" = ANY(${read("leadExternalId")})
      UNION
      SELECT id FROM "Lead" WHERE "workspaceId" = ${workspaceId}::uuid AND "emailKey" = ANY(${emails}))
    ORDER BY id FOR UPDATE`;
  const known = await tx.$queryRaw<{ externalId: string }[]>`
    SELECT "externalId" FROM "Message"
    WHERE "workspaceId" = ${workspaceId}::uuid AND "externalId" = ANY(${read("externalId")})`;
  return { leads, externalIds: new Set(known.map(({ externalId }) => externalId)) };
}

async function insertMessages(tx: Tx, workspaceId: string, accepted: MessagePlan["accepted"]): Promise<void> {
  if (accepted.length === 0) return;
  const rows = JSON.stringify(accepted.map(({ leadId, input }) => ({ leadId, ...input })));
  await tx.$executeRaw`
    INSERT INTO "Message" ("workspaceId", "leadId", "externalId", direction, at, channel, sentiment, "sentLink")
    SELECT ${workspaceId}::uuid, r."leadId", r."externalId", r.direction, r.at, r.channel, r.sentiment,
           coalesce(r."sentLink", false)
    FROM jsonb_to_recordset(${rows}::jsonb) AS r(
      "leadId" uuid, "externalId" text, direction "MessageDirection", at timestamptz, channel text,
      sentiment "Sentiment", "sentLink" boolean)`;
}

async function updateLeads(tx: Tx, now: Date, leads: MessagePlan["leads"]): Promise<void> {
  if (leads.length === 0) return;
  await tx.$executeRaw`
    UPDATE "Lead" l SET
      sentiment = r.sentiment, "sentimentAt" = r."sentimentAt", "lastInboundAt" = r."lastInboundAt",
      "lastMessageAt" = r."lastMessageAt", "lastMessageDirection" = r."lastMessageDirection",
      "lastMessageChannel" = r."lastMessageChannel", "linkSentAt" = r."linkSentAt",
      version = l.version + 1, "updatedAt" = ${now}::timestamptz
    FROM jsonb_to_recordset(${JSON.stringify(leads.map(({ after }) => after))}::jsonb) AS r(
      id uuid, sentiment "Sentiment", "sentimentAt" timestamptz, "lastInboundAt" timestamptz,
      "lastMessageAt" timestamptz, "lastMessageDirection" "MessageDirection", "lastMessageChannel" text,
      "linkSentAt" timestamptz)
    WHERE l.id = r.id`;
}
