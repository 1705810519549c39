import type { Tx } from "#server/db/client.ts";
import { lockForReadings } from "#server/db/lock-workspace.ts";
import { publish } from "#server/db/outbox.ts";
import type { AppointmentReading } from "#server/providers/appointment-reading.ts";
import { addCounts, convergeLeads, type EffectCounts, emptyEffects, type Step } from "./converge-leads.ts";
import { type AppointmentRecord, compareWords, decideChangeKind, decideReading } from "./decide-reading.ts";
import { type ChainLink, type ChainRow, findNeighbours, joinHalves } from "./find-chain.ts";
import { type Link, linkAppointments, markSharedBookings, matchNewBookings } from "./link-appointments.ts";
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
  await lockForReadings(tx, step.workspaceId);

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
  const neighbours =
    sample.provider === "calendly" ? await findNeighbours(tx, step.workspaceId, records) : [];
  const matches = await matchNewBookings(
    tx,
    step.workspaceId,
    fresh.map((record) => ({ ...record, email: record.attendeeEmail })),
    neighbours,
  );
  const ids = await writeAppointments(tx, step.workspaceId, step.now, records, matches.links);
  const written = records.flatMap((record) => describeWritten(record, ids, known, matches.links));
  const effects = await settle(tx, step, written, neighbours, matches.sharedLeadIds);
  return addCounts(counts, effects);
}

/** A row as it stands after the page was written, before links are looked at again. */
type Written = ChainRow & { record: AppointmentRecord; before: KnownAppointment | null };

function describeWritten(
  record: AppointmentRecord,
  ids: Map<string, string>,
  known: Map<string, KnownAppointment>,
  links: Map<string, Link>,
): Written[] {
  const { providerId, rescheduledFromId, rescheduledToId } = record;
  const id = ids.get(providerId);
  if (!id) return [];
  const before = known.get(providerId) ?? null;
  const { leadId, linkedBy } = before ?? links.get(providerId) ?? { leadId: null, linkedBy: null };
  return [{ id, providerId, rescheduledFromId, rescheduledToId, leadId, linkedBy, record, before }];
}

/** Links, pairs, writes history, and lets every lead converge whose evidence these rows touch. */
async function settle(
  tx: Tx,
  step: ApplyStep,
  written: Written[],
  neighbours: ChainRow[],
  sharedLeadIds: string[],
): Promise<EffectCounts & { unmatched: number }> {
  if (written.length === 0) return { ...emptyEffects(), unmatched: 0 };
  const createdIds = new Set(written.flatMap(({ id, before }) => (before === null ? [id] : [])));
  const chain = findLinks(written, neighbours);
  const chained = new Set(chain.map(({ from }) => from.id));
  // A new booking that is part of no chain was matched by all it has before it was written.
  const links = await linkAppointments(
    tx,
    step.workspaceId,
    written.flatMap(({ id }) => (!createdIds.has(id) || chained.has(id) ? [id] : [])),
  );
  const sharers = [...new Set([...sharedLeadIds, ...links.sharedLeadIds])];
  await markSharedBookings(tx, step.workspaceId, sharers, step.now);
  const relinked = new Map(links.relinked.map(({ id, after }) => [id, after]));
  const owners = new Map(
    written.map(({ id, leadId }) => [id, relinked.has(id) ? (relinked.get(id) ?? null) : leadId]),
  );
  const owned = [...owners.values()].filter((id) => id !== null);
  // A successor that appears decides what its predecessor counts as.
  const heirs = chain.flatMap(({ neighbour }) => neighbour.leadId ?? []);
  const leadIds = [...new Set([...links.leadIds, ...owned, ...heirs])];
  await pairMirrors(tx, leadIds);
  await writeChanges(
    tx,
    step,
    written.map((row) => changeOf(row, owners.get(row.id) ?? null, step)),
  );
  await writeLinkChanges(
    tx,
    step,
    links.relinked.filter(({ id }) => !createdIds.has(id)),
  );
  // Who shares an address with a booking is gated from now on (R13), though it is linked to nobody.
  const concerned = [...new Set([...leadIds, ...sharers])];
  const movedIds = new Set(written.flatMap((row) => (kindOf(row) === "moved" ? [row.id] : [])));
  const effects = await convergeLeads(tx, concerned, { ...step, createdIds, movedIds });
  const ownerless = written.flatMap(({ id }) => (owners.get(id) === null ? [id] : []));
  await publish(tx, step.now, [{ workspaceId: step.workspaceId, kind: "booking", ids: ownerless }]);
  return { ...effects, unmatched: written.length - owned.length };
}

/** Chains between these rows and what was there, and among themselves. */
function findLinks(written: Written[], neighbours: ChainRow[]): ChainLink[] {
  const own = written.filter(({ record }) => record.provider === "calendly");
  const ownIds = new Set(own.map(({ id }) => id));
  return joinHalves<ChainRow>(own, [...own, ...neighbours.filter(({ id }) => !ownIds.has(id))]);
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

function kindOf({ record, before }: Written): string {
  return decideChangeKind(before, record);
}

function changeOf(row: Written, leadId: string | null, { reason }: ApplyStep): ChangeInput {
  return { appointmentId: row.id, leadId, kind: kindOf(row), before: row.before, after: row.record, reason };
}
