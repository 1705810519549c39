import type { Deps } from "#server/deps.ts";
import { notFound } from "#server/lib/errors.ts";
import { findHolders, loadBookingKeys } from "./booking-keys.ts";
import type { UnmatchedRow } from "./list-unmatched.ts";
import { displayName } from "./queries.ts";

export type UnmatchedDetail = UnmatchedRow & {
  /** The provider's own word, where nobody knows what it means. */
  unknownWord: string | null;
  canceledAt: Date | null;
  canceledByType: string | null;
  cancelReason: string | null;
  /** What the link carried with which it was booked. */
  tracking: string[];
  /** Whether there is anything by which later bookings would be known. */
  hasKeys: boolean;
  /** Leads that have its address or its contact: with more than the chosen one, neither can be remembered (R13). */
  holders: { leadId: string; name: string }[];
  /** Whose it is by now. */
  lead: { id: string; name: string } | null;
};

/** One booking with all that a person needs to say whose it is; also one that has its lead by now, and says so. */
export async function getUnmatched(
  { db }: Pick<Deps, "db">,
  workspaceId: string,
  appointmentId: string,
): Promise<UnmatchedDetail> {
  const booking = await db.appointment.findFirst({
    where: { id: appointmentId, workspaceId },
    select: {
      id: true,
      provider: true,
      title: true,
      startAt: true,
      endAt: true,
      status: true,
      providerStatus: true,
      unrecognised: true,
      attendeeName: true,
      attendeeEmail: true,
      attendeeKey: true,
      attendeePhone: true,
      attendeeTimezone: true,
      contactId: true,
      organizerName: true,
      ambiguous: true,
      source: true,
      asOf: true,
      firstSeenAt: true,
      canceledAt: true,
      canceledByType: true,
      cancelReason: true,
      tracking: true,
      lead: { select: { id: true, email: true, firstName: true, lastName: true } },
    },
  });
  if (!booking) throw notFound("Meeting");
  const { attendeeKey, contactId, providerStatus, unrecognised, tracking, lead, ...row } = booking;
  const holders = await findHolders(db, await loadBookingKeys(db, { workspaceId, attendeeKey, contactId }));
  return {
    ...row,
    unknownWord: unrecognised ? providerStatus : null,
    tracking: tracking?.split("\n").filter(Boolean) ?? [],
    hasKeys: attendeeKey !== null || contactId !== null,
    holders,
    lead: lead && { id: lead.id, name: displayName(lead) },
  };
}
