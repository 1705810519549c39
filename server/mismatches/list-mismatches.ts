import type { Db } from "#server/db/client.ts";
import type {
  Decision,
  LeadStatus,
  MeetingState,
  MessageDirection,
  MismatchCause,
  Sentiment,
} from "#server/db/generated/enums.ts";
import { isProtected } from "./decide-acceptance.ts";
import { decideSuggestion } from "./decide-suggestion.ts";
import { type CheckTimes, loadCheckTimes } from "./load-check-times.ts";
import type { FilterContext } from "./mismatch-filter.ts";
import { kindOf } from "./mismatch-kind.ts";
import { type PageCursor, readCursor, writeCursor } from "./page-cursor.ts";
import {
  COUNT_LIMIT,
  findPage,
  type ListInput,
  type MismatchSort,
  type PageRow,
  type ProviderWord,
} from "./page-query.ts";

export type MismatchRow = {
  id: string;
  version: number;
  name: string;
  email: string;
  company: string | null;
  kind: number | null;
  since: Date | null;
  status: LeadStatus;
  sentiment: Sentiment;
  claim: { at: Date; channel: string | null };
  lastInboundAt: Date | null;
  lastMessageAt: Date | null;
  lastMessageDirection: MessageDirection | null;
  meetingState: MeetingState;
  providers: ProviderWord[];
  evidenceAsOf: Date | null;
  checkedAt: Date | null;
  cause: MismatchCause | null;
  suggested: Decision;
  isProtected: boolean;
  owner: { id: string; name: string } | null;
  decision: {
    decision: Decision;
    reason: string | null;
    at: Date | null;
    by: string | null;
    until: Date | null;
  } | null;
};

/** One page of a tab with its total, beside the workspace's check times. */
export async function listMismatches(db: Db, input: ListInput, context: FilterContext) {
  const checksToCome = loadCheckTimes(db, context.workspaceId, context.now);
  const anyAt = input.sort.by === "checked" ? (await checksToCome).anyAt : null;
  const given = input.cursor === undefined ? null : readCursor(input.cursor);
  let cursor = given && isKeyOf(given, input.sort) ? given : null;
  let [checks, connections, found] = await Promise.all([
    checksToCome,
    db.connection.findMany({
      where: { workspaceId: context.workspaceId, state: { not: "off" } },
      select: { provider: true, state: true, stateSince: true },
      orderBy: { provider: "asc" },
    }),
    findPage(db, input, context, anyAt, cursor),
  ]);
  const isMoved = input.cursor !== undefined && (cursor === null || found.rows.length === 0);
  if (isMoved && cursor !== null) {
    cursor = null;
    found = await findPage(db, input, context, anyAt, null);
  }
  const { rows, total } = found;
  const hasMore = rows.length > input.limit;
  const shown = rows.slice(0, input.limit);
  if (cursor?.to === "prev") shown.reverse();
  const isForward = cursor?.to !== "prev";
  const from = cursor?.from ?? 1;
  const first = shown[0];
  const last = shown.at(-1);
  const hasPrev = isForward ? cursor !== null : hasMore;
  const hasNext = isForward ? hasMore : true;
  return {
    rows: shown.map((row) => toRow(row, checks)),
    from: hasPrev ? from : 1,
    prev:
      hasPrev && first
        ? writeCursor({ ...place(first), to: "prev", from: Math.max(1, from - input.limit) })
        : null,
    next: hasNext && last ? writeCursor({ ...place(last), to: "next", from: from + shown.length }) : null,
    total: { value: Math.min(total, COUNT_LIMIT), exact: total <= COUNT_LIMIT },
    /** The cursor led nowhere: this is the first page. */
    isMoved,
    lastCheckAt: checks.anyAt,
    /** Who is asked at all: a provider without a word of its own then says "none". */
    connections,
    asOf: context.now,
  };
}

function isKeyOf(cursor: PageCursor, sort: MismatchSort): boolean {
  return sort.by === "lead" || !Number.isNaN(new Date(cursor.key).getTime());
}

function place(row: PageRow): { key: string; id: string } {
  const key = row.sortKey instanceof Date ? row.sortKey.toISOString() : (row.sortKey ?? "");
  return { key, id: row.id };
}

function toRow(row: PageRow, checks: CheckTimes): MismatchRow {
  const kind = kindOf(row);
  return {
    id: row.id,
    version: row.version,
    name: nameOf(row),
    email: row.email,
    company: row.company,
    kind,
    since: row.mismatchSince ?? (kind === 5 ? row.meetingEndAt : row.claimAt),
    status: row.status,
    sentiment: row.sentiment,
    claim: { at: row.claimAt ?? row.sentimentAt, channel: row.lastMessageChannel },
    lastInboundAt: row.lastInboundAt,
    lastMessageAt: row.lastMessageAt,
    lastMessageDirection: row.lastMessageDirection,
    meetingState: row.meetingState,
    providers: row.providers ?? [],
    evidenceAsOf: row.meetingAsOf,
    checkedAt: checkedAt(row, checks),
    cause: row.mismatchKind === null ? null : row.mismatchCause,
    suggested: decideSuggestion(kind, row.mismatchCause),
    isProtected: isProtected(row.status),
    owner: row.ownerId && row.ownerName ? { id: row.ownerId, name: row.ownerName } : null,
    decision: row.decision && {
      decision: row.decision,
      reason: row.decisionReason,
      at: row.decisionAt,
      by: row.decider,
      until: row.decisionUntil,
    },
  };
}

/** A lead without a name is called by its address. */
export function nameOf(lead: { firstName: string | null; lastName: string | null; email: string }): string {
  return [lead.firstName, lead.lastName].filter(Boolean).join(" ") || lead.email;
}

/** R30: the later of the lead's own lookup and its coverage. A claim without evidence needs checks that see everyone. */
export function checkedAt(
  lead: { mismatchKind: number | null; lookedUpAt: Date | null },
  checks: CheckTimes,
): Date | null {
  const coverage = lead.mismatchKind === null || lead.mismatchKind === 1 ? checks.fullAt : checks.anyAt;
  if (lead.lookedUpAt === null) return coverage;
  return coverage !== null && coverage > lead.lookedUpAt ? coverage : lead.lookedUpAt;
}
