import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo } from "react";
import type { ListedBooking } from "#client/features/unmatched/unmatched-columns.tsx";
import { useLive } from "#client/lib/live/live.ts";
import { useRefresh } from "#client/lib/live/use-refresh.ts";
import { useWorkspace } from "#client/lib/session.ts";
import { queryClient, trpc } from "#client/lib/trpc.ts";
import { useMedia } from "#client/lib/use-media.ts";
import { useStableRows } from "#client/lib/use-stable-rows.ts";
import type { UnmatchedSearch } from "./unmatched.route.ts";

const route = getRouteApi("/w/$workspace/unmatched");

/** What the address asks for, as rows that stand still under a reader, and the booking that is open beside them. */
export function useUnmatchedRows() {
  const { slug } = useWorkspace();
  const isWide = useMedia("(width >= 80rem)");
  const { when = "ahead", cursor, booking, lead, all = false } = route.useSearch();
  const navigate = route.useNavigate();

  const input = { workspace: slug, when, leadId: all ? null : (lead ?? null), cursor: cursor ?? null };
  const list = useQuery(trpc.unmatched.list.queryOptions(input));
  const stable = useStableRows(list.data?.rows, JSON.stringify(input));
  // The page as it was read: what leaves the list asks for nothing anew.
  const pageIds = useMemo(() => (list.data?.rows ?? []).map(({ id }) => id).sort(), [list.data]);
  const page = useQuery({
    ...trpc.unmatched.suggestions.queryOptions({ workspace: slug, appointmentIds: pageIds }),
    enabled: pageIds.length > 0,
    placeholderData: keepPreviousData,
  });
  const { rows: shown } = stable;
  const suggestions = page.data;
  const rows = useMemo(
    () => shown.map((row): ListedBooking => ({ ...row, suggestions: suggestions?.[row.id] })),
    [shown, suggestions],
  );
  const refresh = useRefresh(trpc.unmatched.list.pathFilter(), trpc.unmatched.get.pathFilter());
  useLive("booking", refresh);

  // On a wide screen the first row is open without being asked for; `none` remembers that somebody closed it.
  const activeId = booking === "none" ? null : (booking ?? (isWide ? (rows[0]?.id ?? null) : null));
  const detail = useQuery({
    ...trpc.unmatched.get.queryOptions({ workspace: slug, appointmentId: activeId ?? "" }),
    enabled: activeId !== null,
  });
  // One from a link may be on no page.
  const alone = useQuery({
    ...trpc.unmatched.suggestions.queryOptions({ workspace: slug, appointmentIds: [activeId ?? ""] }),
    enabled: activeId !== null && !list.isPending && !pageIds.includes(activeId),
  });
  const ofPage = activeId === null ? undefined : page.data?.[activeId];
  const nextId = rows[rows.findIndex((row) => row.id === activeId) + 1]?.id;
  useEffect(() => {
    if (activeId === null || nextId === undefined) return;
    void queryClient.prefetchQuery(
      trpc.unmatched.get.queryOptions({ workspace: slug, appointmentId: nextId }),
    );
  }, [activeId, nextId, slug]);

  const change = useCallback(
    (next: Partial<UnmatchedSearch>, replace = false) =>
      void navigate({ search: (before) => ({ ...before, ...next }), replace }),
    [navigate],
  );
  return {
    when,
    leadId: lead ?? null,
    isOfAll: all,
    list,
    stable,
    rows,
    activeId,
    /** The first row will open as soon as it is here: its place is kept, so that the list does not jump. */
    isOpening: isWide && booking === undefined && list.isPending,
    detail,
    suggestions: ofPage ?? (activeId === null ? undefined : alone.data?.[activeId]),
    suggestionsFailed: ofPage ? null : pageIds.includes(activeId ?? "") ? page : alone,
    change,
    open: useCallback((id: string) => change({ booking: id }, true), [change]),
    /** Beside the one that is gone; on a wide screen the first row opens by itself. */
    openOther: (id: string | undefined) => change({ booking: id ?? (isWide ? undefined : "none") }, true),
    close: () => change({ booking: "none" }, true),
  };
}
