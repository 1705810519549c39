import type { Db } from "#server/db/client.ts";
import type {
  AppointmentStatus,
  Decision,
  LeadStatus,
  Provider,
  Sentiment,
  Source,
} from "#server/db/generated/enums.ts";
import { notFound } from "#server/lib/errors.ts";
import type { Effect } from "#server/reconcile/decide-transition.ts";
import { decideAcceptance, isProtected } from "./decide-acceptance.ts";
import { decideSuggestion } from "./decide-suggestion.ts";
import { forecastEffects } from "./forecast-effects.ts";
import { checkedAt, nameOf } from "./list-mismatches.ts";
import { loadCheckTimes } from "./load-check-times.ts";
import { loadLastDecision } from "./load-last-decision.ts";
import { kindOf } from "./mismatch-kind.ts";

export type EvidenceItem = {
  id: string;
  provider: Provider;
  status: AppointmentStatus;
  providerStatus: string;
  isCopy: boolean;
  title: string | null;
  startAt: Date;
  canceledAt: Date | null;
  canceledByType: string | null;
  cancelReason: string | null;
  asOf: Date;
  source: Source;
};

/** What accepting would do, line by line; null where there is nothing to accept. */
export type IfAccepted = {
  status: { before: LeadStatus; after: LeadStatus } | null;
  sentiment: { before: Sentiment; after: Sentiment } | null;
  mayEnrolAgain: boolean;
  sequencesStopped: string[];
  sequencesStarted: string[];
  redTask: "opens" | "gains_meeting" | "closes" | "none";
};

/** The comparison: what the conversation claims, what the providers say, and what follows if they are believed. */
export async function getMismatch(
  db: Db,
  { workspaceId, leadId, now }: { workspaceId: string; leadId: string; now: Date },
) {
  const lead = await db.lead.findFirst({
    where: { id: leadId, workspaceId },
    include: { workspace: { select: { heldGateDays: true, timezone: true } } },
  });
  if (!lead) throw notFound("Lead");
  const checks = await loadCheckTimes(db, workspaceId, now);
  const evidence = await loadEvidence(db, leadId);
  const userIds = [lead.assignedToId, lead.decisionById].filter((id) => id !== null);
  const users = await db.user.findMany({ where: { id: { in: userIds } }, select: { id: true, name: true } });
  const userName = (id: string | null) => users.find((user) => user.id === id)?.name ?? null;
  const connections = await db.connection.findMany({
    where: { workspaceId, state: { not: "off" } },
    select: { provider: true, state: true, stateSince: true, fullScope: true },
    orderBy: { provider: "asc" },
  });
  const kind = kindOf(lead);
  const lookups = { mismatchKind: lead.mismatchKind, lookedUpAt: lead.lookedUpAt };
  return {
    id: lead.id,
    version: lead.version,
    name: nameOf(lead),
    company: lead.company,
    email: lead.email,
    phone: lead.phone,
    timezone: lead.timezone,
    workspaceZone: lead.workspace.timezone,
    kind,
    isUnverified: lead.claimUnverified ?? false,
    since: lead.mismatchSince ?? (kind === 5 ? lead.meetingEndAt : lead.claimAt),
    isProtected: isProtected(lead.status),
    claim: {
      status: lead.status,
      statusAt: lead.statusAt,
      statusSource: lead.statusSource,
      sentiment: lead.sentiment,
      sentimentAt: lead.sentimentAt,
      channel: lead.lastMessageChannel,
      lastInboundAt: lead.lastInboundAt,
      lastMessageAt: lead.lastMessageAt,
      lastMessageDirection: lead.lastMessageDirection,
      linkSentAt: lead.linkSentAt,
    },
    evidence,
    connections,
    meetingState: lead.meetingState,
    evidenceAsOf: lead.meetingAsOf,
    checkedAt: checkedAt(lookups, checks),
    cause: lead.mismatchKind === null ? null : lead.mismatchCause,
    suggested: decideSuggestion(kind, lead.mismatchCause),
    owner: userName(lead.assignedToId),
    decision: await describeDecision(db, lead, userName(lead.decisionById)),
    ifAccepted: await forecast(db, lead, now),
  };
}

type Standing = {
  id: string;
  mismatchKind: number | null;
  decision: Decision | null;
  decisionReason: string | null;
  decisionAt: Date | null;
  decisionUntil: Date | null;
};

/** The decision that stands, or the one after which nothing was left to decide. */
async function describeDecision(db: Db, lead: Standing, by: string | null) {
  if (lead.decision) {
    const { decision, decisionReason: reason, decisionAt: at, decisionUntil: until } = lead;
    return { decision, reason, at, until, by };
  }
  const last = lead.mismatchKind === null ? await loadLastDecision(db, lead.id) : null;
  return last?.decision === "accept" ? { ...last, reason: null, until: null } : null;
}

async function loadEvidence(db: Db, leadId: string): Promise<EvidenceItem[]> {
  const rows = await db.appointment.findMany({
    where: { leadId },
    orderBy: [{ startAt: "desc" }, { id: "asc" }],
    take: 20,
  });
  return rows.map((a) => ({
    id: a.id,
    provider: a.provider,
    status: a.status,
    providerStatus: a.providerStatus,
    isCopy: a.mirrorOfId !== null,
    title: a.title,
    startAt: a.startAt,
    canceledAt: a.canceledAt,
    canceledByType: a.canceledByType,
    cancelReason: a.cancelReason,
    asOf: a.asOf,
    source: a.source,
  }));
}

type Accepting = {
  id: string;
  workspaceId: string;
  mismatchKind: number | null;
  claimUnverified: boolean | null;
  status: LeadStatus;
  sentiment: Sentiment;
  meetingState: string;
  meetingEndAt: Date | null;
  sharedBooking: boolean;
  workspace: { heldGateDays: number };
};

async function forecast(db: Db, lead: Accepting, now: Date): Promise<IfAccepted | null> {
  const gateSince = now.getTime() - lead.workspace.heldGateDays * 86_400_000;
  const verdict = decideAcceptance(
    {
      kind: lead.mismatchKind,
      claimUnverified: lead.claimUnverified ?? false,
      status: lead.status,
      sentiment: lead.sentiment,
      decision: null,
      wasAccepted: false,
      check: "fresh",
      isGated:
        lead.meetingState === "booked" ||
        lead.sharedBooking ||
        (lead.meetingState === "held" && (lead.meetingEndAt?.getTime() ?? 0) > gateSince),
    },
    "single",
  );
  if (verdict.outcome !== "will_change") return null;
  const { status, sentiment, mayEnrol } = verdict;
  const effects =
    lead.meetingState === "none"
      ? []
      : ((await forecastEffects(db, lead.workspaceId, [{ leadId: lead.id, status, sentiment }], now)).get(
          lead.id,
        ) ?? []);
  return {
    status: status === lead.status ? null : { before: lead.status, after: status },
    sentiment: sentiment === lead.sentiment ? null : { before: lead.sentiment, after: sentiment },
    mayEnrolAgain: mayEnrol,
    ...(await nameSequences(db, effects)),
    redTask: redTaskOf(effects),
  };
}

async function nameSequences(db: Db, effects: Effect[]) {
  const stopped = effects.flatMap((e) => (e.effect === "stop_instance" ? [e.instanceId] : []));
  const started = effects.flatMap((e) => (e.effect === "start_instance" ? [e.sequenceId] : []));
  const instances = await db.followUpInstance.findMany({
    where: { id: { in: stopped } },
    select: { sequence: { select: { name: true } } },
  });
  const sequences = await db.followUpSequence.findMany({
    where: { id: { in: started } },
    select: { name: true },
  });
  return {
    sequencesStopped: instances.map(({ sequence }) => sequence.name),
    sequencesStarted: sequences.map(({ name }) => name),
  };
}

function redTaskOf(effects: Effect[]): IfAccepted["redTask"] {
  if (effects.some((e) => e.effect === "open_task")) return "opens";
  if (effects.some((e) => e.effect === "add_lines")) return "gains_meeting";
  return effects.some((e) => e.effect === "close_task") ? "closes" : "none";
}
