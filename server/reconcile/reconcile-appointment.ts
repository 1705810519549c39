import type { Tx } from "#server/db/client.ts";
import type { Source } from "#server/db/generated/enums.ts";
import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import type { InTurn } from "#server/lib/turns.ts";
import type { AppointmentReading } from "#server/providers/appointment-reading.ts";
import { mapInvitee } from "#server/providers/calendly/map-appointment.ts";
import { mapContact } from "#server/providers/highlevel/map-contact.ts";
import { ProviderError } from "#server/providers/provider-error.ts";
import { type ApplyCounts, emptyApplyCounts } from "./apply-readings.ts";
import { addCounts } from "./converge-leads.ts";
import { decideTokenProblem } from "./decide-token-problem.ts";
import { markVanished } from "./mark-vanished.ts";
import { type OpenConnection, type OpenDeps, openConnection } from "./open-connection.ts";
import { readChain } from "./read-calendly-chain.ts";
import { loadContacts } from "./read-highlevel-page.ts";
import { mapFoundEvents } from "./read-hosts.ts";
import { emptyPage, type WindowPage } from "./window-page.ts";
import { saveWindowPage } from "./window-pages.ts";
import { confirmAppointments } from "./write-appointments.ts";

export type AppointmentRequest = {
  connectionId: string;
  providerId: string;
  /** Calendly scheduled event id; for HighLevel the same as `providerId`. */
  eventId: string;
  source: Source;
  reason: string;
  /** What a signed delivery said; counts, with its own time, only when the provider cannot answer (R36). */
  snapshot?: AppointmentReading;
  /** What else is to be true when the evidence is, written last in the same transaction. */
  alongside?: (tx: Tx, answer: AppointmentAnswer) => Promise<void>;
};

export type AppointmentAnswer = {
  outcome: "applied" | "snapshot" | "vanished" | "unknown";
  appointmentId: string | null;
  leadId: string | null;
};

type Read = {
  page: WindowPage;
  isGone: boolean;
  /** When the provider was asked, before any of its answers. */
  askedAt: Date;
};

/**
 * Reads one booking again at its provider, with its successor if it was rescheduled, and sends it down the road. Throws
 * the provider's error when it cannot answer and there is no snapshot to count instead.
 */
export async function reconcileAppointment(
  deps: OpenDeps & { inTurn?: InTurn },
  request: AppointmentRequest,
  signal?: AbortSignal,
): Promise<AppointmentAnswer> {
  const { inTurn = (work) => work() } = deps;
  const open = await openConnection(deps, request.connectionId, {
    priority: "live",
    ...(signal ? { signal } : {}),
  });
  let read: Read;
  let outcome: AppointmentAnswer["outcome"] = "applied";
  try {
    read = await readOne(deps, open, request.eventId, request.providerId);
  } catch (error) {
    if (!(error instanceof ProviderError) || !request.snapshot) throw error;
    outcome = "snapshot";
    read = {
      page: { ...emptyPage(), readings: [request.snapshot] },
      isGone: false,
      askedAt: deps.clock.now(),
    };
  }
  const { workspaceId } = open.row;
  const save = async (tx: Tx): Promise<AppointmentAnswer> => {
    await lockWorkspace(tx, workspaceId);
    // Not before: whoever had the turn first happened first.
    const now = deps.clock.now();
    if (read.isGone) {
      const vanished = await markVanished(tx, open, [request.providerId], {
        ...request,
        askedAt: read.askedAt,
        now,
      });
      if (vanished > 0) outcome = "vanished";
      else outcome = "unknown";
    } else {
      await saveWindowPage(tx, open, read.page, { source: request.source, reason: request.reason, now });
    }
    const row = await tx.appointment.findUnique({
      where: {
        workspaceId_provider_providerId: {
          workspaceId,
          provider: open.provider,
          providerId: request.providerId,
        },
      },
      select: { id: true, leadId: true },
    });
    const answer = { outcome, appointmentId: row?.id ?? null, leadId: row?.leadId ?? null };
    await request.alongside?.(tx, answer);
    return answer;
  };
  return inTurn(() => runTransaction(deps.db, "reconcile appointment", save));
}

/** Asks for a known meeting that a complete listing left out (R5): not found is the only proof that it is gone. */
export async function reconcileKnown(
  deps: Pick<Deps, "db" | "clock">,
  open: OpenConnection,
  eventId: string,
): Promise<{ calls: number; vanished: number; counts: ApplyCounts }> {
  const rows = await deps.db.appointment.findMany({
    where: { connectionId: open.row.id, eventId },
    select: { id: true, providerId: true },
  });
  const ids = rows.map(({ providerId }) => providerId);
  const reads = await Promise.all(ids.map((id) => readIfSeen(deps, open, eventId, id)));
  const saved = await runTransaction(deps.db, "reconcile known", async (tx) => {
    await lockWorkspace(tx, open.row.workspaceId);
    const now = deps.clock.now();
    const step = { source: "reconcile" as const, reason: "missing_from_list", now };
    let counts = emptyApplyCounts();
    for (const read of reads) {
      if (!read.isGone) counts = addCounts(counts, await saveWindowPage(tx, open, read.page, step));
    }
    // No page names these: that they stand, and since when that is known, is kept with them alone.
    const readings = reads.flatMap(({ page }) => page.readings);
    const standing = rows.flatMap(({ id, providerId }) => {
      const reading = readings.find((each) => each.providerId === providerId);
      return reading ? [{ id, asOf: reading.asOf }] : [];
    });
    await confirmAppointments(tx, standing);
    const gone = ids.filter((_, at) => reads[at]?.isGone);
    // Of requests sent together the earliest: none of them may speak for a later time than its own.
    const askedAt = new Date(Math.min(now.getTime(), ...reads.map((r) => r.askedAt.getTime())));
    const vanished = gone.length === 0 ? 0 : await markVanished(tx, open, gone, { ...step, askedAt });
    return { counts, vanished };
  });
  return { calls: reads.reduce((sum, read) => sum + read.page.calls, 0), ...saved };
}

/** What the token may not see is no proof of anything, and no trouble of the account's (R5): it stays as it is. */
async function readIfSeen(
  deps: Pick<Deps, "db" | "clock">,
  open: OpenConnection,
  eventId: string,
  providerId: string,
): Promise<Read> {
  const askedAt = deps.clock.now();
  try {
    return await readOne(deps, open, eventId, providerId);
  } catch (error) {
    if (!(error instanceof ProviderError) || decideTokenProblem(error) !== "role_lost") throw error;
    return { page: { ...emptyPage(), calls: 1 }, isGone: false, askedAt };
  }
}

async function readOne(
  deps: Pick<Deps, "db" | "clock">,
  open: OpenConnection,
  eventId: string,
  providerId: string,
): Promise<Read> {
  const page = emptyPage();
  const askedAt = deps.clock.now();
  try {
    if (open.provider === "calendly") {
      const [{ event }, { invitee, asOf }] = await Promise.all([
        open.client.event(eventId),
        open.client.invitee(eventId, providerId),
      ]);
      page.calls += 2;
      const reading = mapInvitee(event, invitee, asOf);
      page.readings.push(reading);
      const chain = await readChain(open.client, reading);
      page.calls += chain.calls;
      page.readings.push(...chain.readings);
    } else {
      const { event, asOf } = await open.client.appointment(providerId);
      page.calls += 1;
      // Lists hide a deleted event, by its id it answers: one that was never known came and went, and is no loss.
      if (event.deleted && !(await isKnown(deps, open, providerId))) return { page, isGone: true, askedAt };
      const contact = event.contactId ? await readContact(deps, open, event.contactId, page) : null;
      page.readings.push(...(await mapFoundEvents(deps.db, open, page, [{ event, asOf, contact }])));
    }
    return { page, isGone: false, askedAt };
  } catch (error) {
    if (error instanceof ProviderError && error.kind === "not_found") return { page, isGone: true, askedAt };
    throw error;
  }
}

async function isKnown(
  { db }: Pick<Deps, "db">,
  { provider, row: { workspaceId } }: OpenConnection,
  providerId: string,
): Promise<boolean> {
  return (await db.appointment.count({ where: { workspaceId, provider, providerId } })) > 0;
}

async function readContact(
  { db }: Pick<Deps, "db">,
  open: Extract<OpenConnection, { provider: "highlevel" }>,
  contactId: string,
  page: WindowPage,
) {
  const remembered = (await loadContacts(db, open.row.workspaceId, [contactId])).get(contactId);
  if (remembered) return remembered;
  try {
    const { contact, asOf } = await open.client.contact(contactId);
    page.calls += 1;
    const reading = mapContact(contact);
    page.contacts.push({ ...reading, readAt: asOf, gone: false });
    return reading;
  } catch (error) {
    // The appointment stands without its contact; only the contact is unknown.
    if (error instanceof ProviderError && error.kind === "not_found") return null;
    throw error;
  }
}
