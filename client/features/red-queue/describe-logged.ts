import { readNowMs } from "#client/lib/clock.ts";
import { readMyZone } from "#client/lib/preferences.ts";
import { formatClock, formatMeeting } from "#client/lib/time-text.ts";
import type { LoggedOutcome, RedTask } from "./red-queue-types.ts";
import { outcomeWord } from "./words.ts";

/** The toast: what was logged for whom, and what becomes of the task. */
export function describeLogged(
  task: RedTask,
  logged: LoggedOutcome,
  zone: string,
): { title: string; description: string } {
  const title = `${outcomeWord(logged.outcome)} logged for ${task.lead.name}.`;
  if (logged.closedReason === "rebooked_by_evidence") {
    return {
      title: `${task.lead.name} is booked again.`,
      description: "The providers confirmed it; the task is closed.",
    };
  }
  if (logged.status === "completed") {
    return {
      title,
      description:
        logged.closedReason === "attempts_used"
          ? "That was the last try; the task is closed."
          : "The task is closed.",
    };
  }
  const back = describeReturn(logged.dueAt, zone);
  if (!logged.awaitsEvidence) return { title, description: `Back ${back}.` };
  const asked = logged.providersAsked === false ? "A provider could not be asked. " : "";
  return { title, description: `${asked}No new meeting yet: waits for evidence, back ${back}.` };
}

/** Within half a day the operator's own clock says most; beyond, the lead's day and time. */
function describeReturn(dueAt: string, zone: string): string {
  const atMs = new Date(dueAt).getTime();
  const nowMs = readNowMs();
  return atMs - nowMs < 12 * 3_600_000
    ? `at ${formatClock(atMs, readMyZone())}`
    : formatMeeting(atMs, zone, nowMs);
}
