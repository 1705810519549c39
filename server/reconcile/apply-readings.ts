import type { Tx } from "#server/db/client.ts";
import { lockWorkspace } from "#server/db/lock-workspace.ts";
import type { AppointmentReading } from "#server/providers/appointment-reading.ts";
import { addCounts, convergeLeads, type EffectCounts, emptyEffects, type Step } from "./converge-leads.ts";
import { type AppointmentRecord, compareWords, decideChangeKind, decideReading } from "./decide-reading.ts";
import { findChainLinks } from "./find-chain.ts";
import { linkAppointments, markSharedBookings, matchNewBookings } from "./link-appointments.ts";
import { pairMirrors } from "./pair-mirrors.ts";
import {
  confirmAppointments,
  type KnownAppointment,
  loadKnownAppointments,
  writeAppointments,
} from "./write-appointments.ts";
import { type ChangeInput, writeChanges } from "./write-changes.ts";
import { writeLinkChanges } from "./write-link-changes.ts";

export type ApplyCounts = EffectCounts & {
  created: number;
  updated: number;
  unchanged: number;
  stale: number;
  unmatched: number;
  unrecognised: number;
};

export type ApplyStep = Step & {
  connectionId: string;
  /** Event types or calendars that count as configured; null when all do (R10). */
  configuredTypes: Set<string> | null;
  backfillId?: string;
};

/**
 * The one road: readings of one provider become appointments, links, mirrors, history and, through
 * `convergeLeads`, everything that follows, inside the caller's transaction. The caller adds its own position and
 * progress to the same transaction; the provider was called before it began.
 */
export async function applyReadings(
  tx: Tx,
  readings: AppointmentReading[],
  step: ApplyStep,
): Promise<ApplyCounts> {
  const counts = { ...emptyApplyCounts() };
  const [sample] = readings;
  if (!sample) return counts;
  await lockWorkspace(tx, step.workspaceId);

  const latest = keepLatest(readings);
  const known = await loadKnownAppointments(tx, step.workspaceId, sample.provider, [...latest.keys()]);
  const records: AppointmentRecord[] = [];
  const confirmed: { id: string; asOf: Date }[] = [];
  for (const reading of latest.values()) {
    const before = known.get(reading.providerId) ?? null;
    const decision = decideReading(before, reading, {
      connectionId: step.connectionId,
      source: step.source,
      onConfiguredType: isConfigured(reading, step.configuredTypes),
      verifiedAt: before?.verifiedAt ?? null,
      now: step.now,
    });
    counts[decision.outcome] += 1;
    if (decision.outcome === "unchanged" && before && reading.asOf > before.asOf) {
      confirmed.push({ id: before.id, asOf: reading.asOf });
    }
    if (decision.outcome === "created" || decision.outcome === "updated") {
      records.push(decision.record);
      if (decision.record.unrecognised) counts.unrecognised += 1;
    }
  }
  // A page's days are marked as verified when its pass ends; a single read has no other place to say when it was true.
  if (step.source === "webhook" || step.source === "operator") await confirmAppointments(tx, confirmed);
  const fresh = records.filter(({ providerId }) => !known.has(providerId));
  const matches = await matchNewBookings(
    tx,
    step.workspaceId,
    fresh.map((record) => ({ ...record, email: record.attendeeEmail })),
  );
  const ids = await writeAppointments(tx, step.workspaceId, step.now, records, matches.links);
  const effects = await settle(tx, step, records, ids, known, matches.sharedLeadIds);
  return addCounts(counts, effects);
}

/** Links, pairs, writes history, and lets every lead converge whose evidence these records touch. */
async function settle(
  tx: Tx,
  step: ApplyStep,
  records: AppointmentRecord[],
  ids: Map<string, string>,
  known: Map<string, KnownAppointment>,
  sharedLeadIds: string[],
): Promise<EffectCounts & { unmatched: number }> {
  if (ids.size === 0) return { ...emptyEffects(), unmatched: 0 };
  const created = new Set(
    records.flatMap((r) => (known.has(r.providerId) ? [] : (ids.get(r.providerId) ?? []))),
  );
  const chain = await findChainLinks(tx, step.workspaceId, [...ids.values()]);
  const chained = new Set(chain.map(({ from }) => from.id));
  // A new booking that is part of no chain was matched by all it has before it was written.
  const links = await linkAppointments(
    tx,
    step.workspaceId,
    [...ids.values()].filter((id) => !created.has(id) || chained.has(id)),
  );
  const sharers = [...new Set([...sharedLeadIds, ...links.sharedLeadIds])];
  await markSharedBookings(tx, step.workspaceId, sharers, step.now);
  const owners = await loadOwners(tx, [...ids.values()]);
  // A successor that appears decides what its predecessor counts as.
  const neighbours = chain.flatMap(({ neighbour }) => neighbour.leadId ?? []);
  const leadIds = [...new Set([...links.leadIds, ...owners.values(), ...neighbours])];
  await pairMirrors(tx, leadIds);
  await writeChanges(tx, step, changesOf(records, ids, known, owners, step));
  await writeLinkChanges(
    tx,
    step,
    links.relinked.filter(({ id }) => !created.has(id)),
  );
  // Who shares an address with a booking is gated from now on (R13), though it is linked to nobody.
  const concerned = [...new Set([...leadIds, ...sharers])];
  const effects = await convergeLeads(tx, concerned, { ...step, movedIds: movedIds(records, ids, known) });
  return { ...effects, unmatched: ids.size - owners.size };
}

export function emptyApplyCounts(): ApplyCounts {
  return { ...emptyEffects(), created: 0, updated: 0, unchanged: 0, stale: 0, unmatched: 0, unrecognised: 0 };
}

/** A page may name one booking twice (records shift between pages): the later word counts. */
function keepLatest(readings: AppointmentReading[]): Map<string, AppointmentReading> {
  const latest = new Map<string, AppointmentReading>();
  for (const reading of readings) {
    const seen = latest.get(reading.providerId);
    if (!seen || compareWords(seen, reading) <= 0) latest.set(reading.providerId, reading);
  }
  return latest;
}

function isConfigured(reading: AppointmentReading, configured: Set<string> | null): boolean {
  return configured === null || (reading.calendarId !== null && configured.has(reading.calendarId));
}

async function loadOwners(tx: Tx, ids: string[]): Promise<Map<string, string>> {
  const rows = await tx.$queryRaw<{ id: string; leadId: string }[]>`
    SELECT id, "leadId" FROM "Appointment" WHERE id = ANY(${ids}::uuid[]) AND "leadId" IS NOT NULL`;
  return new Map(rows.map(({ id, leadId }) => [id, leadId]));
}

function changesOf(
  records: AppointmentRecord[],
  ids: Map<string, string>,
  known: Map<string, KnownAppointment>,
  owners: Map<string, string>,
  step: ApplyStep,
): ChangeInput[] {
  return records.flatMap((record) => {
    const id = ids.get(record.providerId);
    if (!id) return [];
    const before = known.get(record.providerId) ?? null;
    return [
      {
        appointmentId: id,
        leadId: owners.get(id) ?? null,
        kind: decideChangeKind(before, record),
        before,
        after: record,
        reason: step.reason,
      },
    ];
  });
}

function movedIds(
  records: AppointmentRecord[],
  ids: Map<string, string>,
  known: Map<string, KnownAppointment>,
): Set<string> {
  const moved = new Set<string>();
  for (const record of records) {
    const before = known.get(record.providerId);
    const id = ids.get(record.providerId);
    if (before && id && decideChangeKind(before, record) === "moved") moved.add(id);
  }
  return moved;
}
