import type { Tx } from "#server/db/client.ts";
import { isTransactionConflict } from "#server/db/database-faults.ts";
import type { AppointmentReading } from "#server/providers/appointment-reading.ts";
import { type ApplyCounts, emptyApplyCounts } from "./apply-readings.ts";
import { addCounts } from "./converge-leads.ts";
import type { OpenConnection } from "./open-connection.ts";
import type { WindowPage } from "./window-page.ts";
import { saveWindowPage } from "./window-pages.ts";

type PageStep = Parameters<typeof saveWindowPage>[3];

export type SavedParts = {
  counts: ApplyCounts;
  /** Bookings that the database would not take, by provider id. */
  poisoned: string[];
};

/**
 * Sends a page down the road. When the database refuses it, the page is halved until the bookings that it refuses
 * stand alone: they are left out and named, the others are saved, all in the caller's transaction.
 */
export async function savePageInParts(
  tx: Tx,
  open: OpenConnection,
  page: WindowPage,
  step: PageStep,
): Promise<SavedParts> {
  const whole = await trySave(tx, () => saveWindowPage(tx, open, page, step));
  if (whole.ok) return { counts: whole.value, poisoned: [] };
  if (page.readings.length === 0) throw whole.error;

  const poisoned: AppointmentReading[] = [];
  let counts = await saveHalves(tx, open, page, page.readings, step, poisoned);
  // An event counts as read only when all of its people were saved.
  const spoiled = new Set(poisoned.map(({ eventId }) => eventId));
  const rest = {
    ...page,
    readings: [],
    contacts: page.contacts.filter(({ contactId }) => !poisoned.some((r) => r.contactId === contactId)),
    watermarks: page.watermarks.filter(({ eventId }) => !spoiled.has(eventId)),
  };
  counts = addCounts(counts, await saveWindowPage(tx, open, rest, step));
  return { counts, poisoned: poisoned.map(({ providerId }) => providerId) };
}

async function saveHalves(
  tx: Tx,
  open: OpenConnection,
  page: WindowPage,
  readings: AppointmentReading[],
  step: PageStep,
  poisoned: AppointmentReading[],
): Promise<ApplyCounts> {
  // Their contacts come along each time (saving them twice changes nothing): a booking is matched through them.
  const ids = new Set(readings.map(({ contactId }) => contactId));
  const contacts = page.contacts.filter(({ contactId }) => ids.has(contactId));
  const part = { ...page, readings, contacts, watermarks: [] };
  const attempt = await trySave(tx, () => saveWindowPage(tx, open, part, step));
  if (attempt.ok) return attempt.value;
  const [only] = readings;
  if (readings.length === 1 && only) {
    poisoned.push(only);
    return emptyApplyCounts();
  }
  const middle = Math.ceil(readings.length / 2);
  const left = await saveHalves(tx, open, page, readings.slice(0, middle), step, poisoned);
  const right = await saveHalves(tx, open, page, readings.slice(middle), step, poisoned);
  return addCounts(left, right);
}

type Attempt = { ok: true; value: ApplyCounts } | { ok: false; error: unknown };

/** A savepoint, since after any error PostgreSQL takes nothing more from the transaction but a way back. */
async function trySave(tx: Tx, save: () => Promise<ApplyCounts>): Promise<Attempt> {
  await tx.$executeRaw`SAVEPOINT page_part`;
  try {
    const value = await save();
    await tx.$executeRaw`RELEASE SAVEPOINT page_part`;
    return { ok: true, value };
  } catch (error) {
    // The whole transaction is lost or must run again: that is the caller's to know.
    if (isTransactionConflict(error)) throw error;
    await tx.$executeRaw`ROLLBACK TO SAVEPOINT page_part`;
    return { ok: false, error };
  }
}
