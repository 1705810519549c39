import type { Tx } from "#server/db/client.ts";
import { type Connection, Prisma } from "#server/db/generated/client.ts";
import { DAY_MS } from "#server/lib/duration.ts";
import type { ProviderError } from "#server/providers/provider-error.ts";
import type { IncidentFacts, IncidentKind } from "./incident-kinds.ts";
import { closeIncident, openIncident } from "./incidents.ts";
import type { Tier, Window } from "./window.ts";

/** What a pass met that it could not take as it was; names of fields, never values. */
export type Oddities = {
  /** Records that fit no form that we know, and what was wrong with them. */
  rejected: number;
  faults: string[];
  /** Meetings with a word for their status that we do not know (R3, R4). */
  unrecognised: number;
};

type Account = Pick<Connection, "id" | "workspaceId">;

/** From the second failed pass in a row on somebody should know, and causes take it into account (R24). */
const FAILING_AFTER = 2;

/** Warm reads all that hot reads; what a longer list stumbled over is not mended by a shorter one. */
const COVERED: Record<Tier, Tier[]> = { hot: ["hot"], warm: ["hot", "warm"], cold: ["cold"] };

/** Records are read when they move and not at every pass, so that one quiet pass proves nothing yet. */
const CLEAN_MS = DAY_MS;

/** What a pass that ended early says about its connection; a limit that is used up says nothing. A backfill has no tier. */
export async function noteFailedPass(
  tx: Tx,
  row: Account,
  pass: { tier: Tier | null; error: ProviderError; failures: number },
  now: Date,
): Promise<void> {
  const { error, failures, tier } = pass;
  if (error.kind === "rate_limited") return;
  const sight = (kind: IncidentKind, cause: string, details: IncidentFacts) =>
    openIncident(tx, now, {
      workspaceId: row.workspaceId,
      connectionId: row.id,
      kind,
      subject: row.id,
      cause,
      details,
    });
  if (failures >= FAILING_AFTER) await sight("connection_failing", error.code, { failures });
  const facts = readDetails(error.details);
  if (facts.reason === "repeated_token") await sight("page_token_repeated", "repeated_token", { tier });
  if (facts.reason === "not_json" || facts.reason === "schema") {
    const { keys, faults } = facts;
    await sight("unreadable_answer", facts.reason, { tier, keys, faults });
  }
}

/** What a complete pass proves to be over, and what it met by the way. */
export async function noteCompletePass(
  tx: Tx,
  row: Account,
  pass: { tier: Tier; oddities: Oddities },
  now: Date,
): Promise<void> {
  await closeIncident(tx, now, { ...ofAccount(row), kind: "connection_failing" });
  for (const kind of ["page_token_repeated", "unreadable_answer"] as const) {
    await closeIncident(tx, now, { ...ofAccount(row), kind, tiers: COVERED[pass.tier] });
  }
  const { rejected, unrecognised } = pass.oddities;
  if (rejected + unrecognised === 0) {
    const seenBefore = new Date(now.getTime() - CLEAN_MS);
    await closeIncident(tx, now, { ...ofAccount(row), kind: "schema_drift", seenBefore });
    return;
  }
  await noteOddities(tx, row, pass.oddities, now);
}

/** What a pass, or a part of one, met that it could not take as it was. */
export async function noteOddities(
  tx: Tx,
  row: Account,
  { rejected, faults, unrecognised }: Oddities,
  now: Date,
): Promise<void> {
  if (rejected + unrecognised === 0) return;
  await openIncident(tx, now, {
    ...ofAccount(row),
    connectionId: row.id,
    kind: "schema_drift",
    cause: rejected > 0 ? "unreadable_records" : "unknown_words",
    details: rejected > 0 ? { records: rejected, faults } : { records: unrecognised },
  });
}

/** R5: too many meetings were missing from one list of this window. */
export async function noteDrop(
  tx: Tx,
  row: Account,
  drop: { known: number; missing: number; window: Window },
  now: Date,
): Promise<void> {
  const { known, missing, window } = drop;
  await openIncident(tx, now, {
    ...ofAccount(row),
    connectionId: row.id,
    kind: "suspicious_drop",
    cause: "missing_from_list",
    details: { known, missing, windowFrom: window.from.toISOString(), windowTo: window.to.toISOString() },
  });
}

/**
 * A drop is over once a list of the whole of its window was complete; a shorter one says nothing about the rest. Windows
 * move on with the days, and what has left them is nobody's question any more. With it goes a person's word that they
 * are gone: the next drop needs a word of its own. With `seenBefore`, only where it was not seen since.
 */
export async function closeDrop(
  tx: Tx,
  row: Account,
  window: Window,
  now: Date,
  limits: { seenBefore?: Date } = {},
): Promise<void> {
  await closeDropOf(tx, row, window, now, limits);
  await tx.$executeRaw`
    UPDATE "Connection" SET "dropConfirmed" = NULL
    WHERE id = ${row.id}::uuid AND "dropConfirmed" IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM "Incident"
      WHERE "workspaceId" = ${row.workspaceId}::uuid AND kind = 'suspicious_drop' AND subject = ${row.id}
        AND "closedAt" IS NULL)`;
}

function closeDropOf(
  tx: Tx,
  row: Account,
  window: Window,
  now: Date,
  limits: { seenBefore?: Date },
): Promise<void> {
  const covers = Prisma.sql`(details->>'windowTo')::timestamptz <= ${window.to}::timestamptz
    AND (details->>'windowFrom')::timestamptz >= ${window.from}::timestamptz
                                           - (${now}::timestamptz - "lastSeenAt") - interval '1 day'`;
  return closeIncident(tx, now, { ...ofAccount(row), kind: "suspicious_drop", covers, ...limits });
}

function ofAccount(row: Account): { workspaceId: string; subject: string } {
  return { workspaceId: row.workspaceId, subject: row.id };
}

function readDetails(details: unknown): Record<string, unknown> {
  return typeof details === "object" && details !== null ? { ...details } : {};
}
