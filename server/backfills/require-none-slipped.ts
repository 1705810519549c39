import { walkPages } from "#server/providers/calendly/walk-pages.ts";
import { ProviderError } from "#server/providers/provider-error.ts";
import { calendlyOwner, type OpenConnection } from "#server/reconcile/open-connection.ts";
import type { Window } from "#server/reconcile/window.ts";
import type { RunDeps } from "./held-run.ts";

/**
 * A second look at a day of several pages: what was added or removed while they were read can push a meeting over
 * the edge of a page that was read already. Throws when the list names one that nobody has read, so that the slice begins
 * again; answers the known ones that it names and the pages did not. A day of one page has no edge, and HighLevel no pages.
 */
export async function requireNoneSlipped(
  { db }: RunDeps,
  open: OpenConnection,
  window: Window,
  { pages, seen }: { pages: number; seen: ReadonlySet<string> },
): Promise<string[]> {
  if (open.provider !== "calendly" || pages < 2) return [];
  const { client, row } = open;
  const unread: string[] = [];
  const lists = walkPages((pageToken) =>
    client.listEvents({
      ...calendlyOwner(row),
      minStart: window.from,
      maxStart: new Date(window.to.getTime() - 1),
      ...(pageToken ? { pageToken } : {}),
    }),
  );
  for await (const { events } of lists) {
    const ids = events.map(({ uri }) => uri.slice(uri.lastIndexOf("/") + 1));
    unread.push(...ids.filter((id) => !seen.has(id)));
  }
  if (unread.length === 0) return [];
  // A known one is asked for by its id.
  const known = await db.appointment.findMany({
    where: { connectionId: row.id, eventId: { in: unread } },
    select: { eventId: true },
    distinct: ["eventId"],
  });
  if (known.length < unread.length) {
    throw new ProviderError("calendly", "unexpected", "The calendar shifted while it was read.", {
      details: { reason: "shifted" },
    });
  }
  return unread;
}
