import { useRef } from "react";
import {
  type ChosenLead,
  describeRemembered,
  nameOf,
  type UnmatchedDetail,
} from "#client/features/unmatched/words.ts";
import { announce } from "#client/lib/announce.ts";
import { readAgain } from "#client/lib/live/read-again.ts";
import { showErrorToast, showToast } from "#client/lib/toasts.ts";
import { queryClient, type RouterOutput, readError, trpc, trpcClient } from "#client/lib/trpc.ts";

/**
 * One key links: the row leaves and the next opens at once; the server's answer brings the undo, or the row back.
 * Several may be under way, and each is answered, also when the person is on another screen by then.
 */
export function useBookingLink({
  workspace,
  onLeave,
  onSettled,
  onRefused,
  onReturn,
}: {
  workspace: string;
  /** The booking has its lead: take it off the list and open the one that follows; answers that one's name. */
  onLeave: (id: string) => string | null;
  /** The server has it. */
  onSettled: (id: string) => void;
  /** It has not: the row stands where it was. */
  onRefused: (id: string) => void;
  /** Taken back by the person, who goes on with this row. */
  onReturn: (id: string) => void;
}) {
  const underWay = useRef(new Set<string>());

  const undo = async (booking: UnmatchedDetail, lead: ChosenLead) => {
    try {
      await trpcClient.unmatched.unlink.mutate({ workspace, appointmentId: booking.id });
    } catch (error) {
      showErrorToast(`Not undone: ${nameOf(booking)}.`, {
        description: `${readError(error).message} It stays linked to ${lead.name}.`,
      });
      return;
    }
    onReturn(booking.id);
    showToast(`${nameOf(booking)} is unmatched again.`, {
      description: `${lead.name} reads as before.`,
    });
    await readAgain(trpc.unmatched.pathFilter());
  };

  return (booking: UnmatchedDetail, lead: ChosenLead) => {
    // A second key before the next row is on screen still speaks of this one, which has its lead.
    if (underWay.current.has(booking.id)) return;
    underWay.current.add(booking.id);
    const said = `Linked ${nameOf(booking)} to ${lead.name}.`;
    const next = onLeave(booking.id);
    announce(`${said} ${next ? `Next: ${next}.` : "No more bookings."}`);
    trpcClient.unmatched.link
      .mutate({ workspace, appointmentId: booking.id, leadId: lead.leadId })
      .then(
        ({ isRemembered }) => {
          forgetBooking(booking.id);
          onSettled(booking.id);
          showToast(said, {
            description: describeRemembered(isRemembered, booking.attendeeEmail),
            undo: () => void undo(booking, lead),
          });
        },
        (error: unknown) => {
          onRefused(booking.id);
          showErrorToast(`Not linked: ${nameOf(booking)}.`, {
            description: `${readError(error).message} Nothing was changed.`,
          });
        },
      )
      .finally(() => {
        underWay.current.delete(booking.id);
        void readAgain(trpc.unmatched.pathFilter());
      });
  };
}

/** Takes a linked booking out of every page that was read before: coming back to one must not show it again. */
function forgetBooking(id: string): void {
  queryClient.setQueriesData<RouterOutput["unmatched"]["list"]>(
    trpc.unmatched.list.pathFilter(),
    (page) => page && { ...page, rows: page.rows.filter((row) => row.id !== id) },
  );
}
