import type { Deps } from "#server/deps.ts";
import { calendlyOwner, type OpenConnection } from "./open-connection.ts";
import { countStops } from "./read-highlevel-page.ts";
import { lengthInDays, type Window } from "./window.ts";
import { emptyPage } from "./window-page.ts";

export type WindowEstimate = {
  /** Null where nobody can say before reading. */
  meetings: number | null;
  /** Provider calls that a run over the window will take, new people included. */
  calls: number;
  /** Calls that this estimate itself took. */
  asked: number;
};

/** Pages that an estimate may read before it extrapolates: it must be cheap enough to follow a form. */
const MAX_PAGES = 3;
const PAGE_SIZE = 100;

/**
 * How much a run over the window will find and cost. Calendly has no totals: the first pages are read and the rest is
 * extrapolated by days. HighLevel's calls are known exactly, one per calendar, user and day; its meetings only where
 * every day of the window has been read before.
 */
export async function estimateWindow(
  deps: Pick<Deps, "db">,
  open: OpenConnection,
  window: Window,
): Promise<WindowEstimate> {
  const known = await deps.db.appointment.count({
    where: { connectionId: open.row.id, startAt: { gte: window.from, lt: window.to } },
  });
  const days = lengthInDays(window);
  if (open.provider === "highlevel") {
    const directory = emptyPage();
    const perDay = await countStops(open, directory);
    const readDays = await deps.db.coverage.count({
      where: { connectionId: open.row.id, day: { gte: window.from, lt: window.to } },
    });
    return { meetings: readDays === days ? known : null, calls: 2 + perDay * days, asked: directory.calls };
  }
  const counted = await countEvents(open, window);
  const meetings = Math.max(counted.meetings, known);
  const unread = Math.max(0, meetings - known);
  return { meetings, calls: Math.max(days, Math.ceil(meetings / PAGE_SIZE)) + unread, asked: counted.calls };
}

async function countEvents(
  open: Extract<OpenConnection, { provider: "calendly" }>,
  window: Window,
): Promise<{ meetings: number; calls: number }> {
  let meetings = 0;
  let calls = 0;
  let pageToken: string | null = null;
  let lastStart = window.from;
  do {
    const list: Awaited<ReturnType<typeof open.client.listEvents>> = await open.client.listEvents({
      ...calendlyOwner(open.row),
      minStart: window.from,
      maxStart: new Date(window.to.getTime() - 1),
      ...(pageToken ? { pageToken } : {}),
    });
    calls += 1;
    for (const event of list.events) {
      meetings += event.invitees_counter?.total ?? 1;
      lastStart = event.start_time;
    }
    pageToken = list.nextPageToken;
  } while (pageToken !== null && calls < MAX_PAGES);
  if (pageToken === null) return { meetings, calls };
  const covered = lastStart.getTime() - window.from.getTime();
  const whole = window.to.getTime() - window.from.getTime();
  return { meetings: covered > 0 ? Math.round((meetings * whole) / covered) : meetings, calls };
}
