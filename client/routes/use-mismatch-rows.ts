import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useEffect } from "react";
import { type FilterWords, toFilter } from "#client/features/mismatches/filter-text.ts";
import { askedSort, readSort } from "#client/features/mismatches/sort.ts";
import type { ListTab } from "#client/features/mismatches/tabs.ts";
import { useLive } from "#client/lib/live/live.ts";
import { useRefresh } from "#client/lib/live/use-refresh.ts";
import { useWorkspace } from "#client/lib/session.ts";
import { queryClient, trpc } from "#client/lib/trpc.ts";
import { useMedia } from "#client/lib/use-media.ts";
import { useStableRows } from "#client/lib/use-stable-rows.ts";
import type { MismatchSearch } from "./mismatches.route.ts";

const route = getRouteApi("/w/$workspace/mismatches");

/** What the address asks for, as rows that stand still under a reader, and the lead that is open beside them. */
export function useMismatchRows(tab: ListTab) {
  const { slug } = useWorkspace();
  const isWide = useMedia("(width >= 80rem)");
  const search = route.useSearch();
  const navigate = route.useNavigate();

  const words = wordsOf(search);
  const filter = toFilter(tab, words);
  const sort = readSort(search.sort);
  const listInput = { workspace: slug, ...filter, sort: askedSort(sort), cursor: search.cursor };
  const list = useQuery(trpc.mismatches.list.queryOptions(listInput));
  const facets = useQuery(trpc.mismatches.counts.queryOptions({ workspace: slug, ...filter }));
  const stable = useStableRows(list.data?.rows, JSON.stringify(listInput));
  const { rows } = stable;
  const refresh = useRefresh(
    trpc.mismatches.list.pathFilter(),
    trpc.mismatches.counts.pathFilter(),
    trpc.mismatches.get.pathFilter(),
  );
  useLive(["mismatch", "lead"], refresh);

  // On a wide screen the first row is open without being asked for; `none` remembers that somebody closed it.
  const activeId = search.lead === "none" ? null : (search.lead ?? (isWide ? (rows[0]?.id ?? null) : null));
  const detail = useQuery({
    ...trpc.mismatches.get.queryOptions({ workspace: slug, leadId: activeId ?? "" }),
    enabled: activeId !== null,
  });
  const nextId = rows[rows.findIndex((row) => row.id === activeId) + 1]?.id;
  useEffect(() => {
    if (activeId === null || nextId === undefined) return;
    void queryClient.prefetchQuery(trpc.mismatches.get.queryOptions({ workspace: slug, leadId: nextId }));
  }, [activeId, nextId, slug]);

  const change = useCallback(
    (next: Partial<MismatchSearch>, replace = false) =>
      void navigate({ search: (before) => ({ ...before, ...next }), replace }),
    [navigate],
  );
  return {
    words,
    filter,
    sort,
    list,
    facets,
    stable,
    rows,
    activeId,
    /** The first row will open as soon as it is here: its place is kept, so that the list does not jump. */
    isOpening: isWide && search.lead === undefined && list.isPending,
    detail,
    change,
    open: useCallback((id: string) => change({ lead: id }, true), [change]),
    /** Beside the one that is gone; on a wide screen the first row opens by itself. */
    openOther: (id: string | undefined) => change({ lead: id ?? (isWide ? undefined : "none") }, true),
    close: () => change({ lead: "none" }, true),
    changeWords: (next: FilterWords) => change({ ...NO_WORDS, ...next, cursor: undefined, lead: undefined }),
  };
}

const NO_WORDS: FilterWords = {
  cause: undefined,
  age: undefined,
  provider: undefined,
  owner: undefined,
  protected: undefined,
  q: undefined,
};

function wordsOf(search: MismatchSearch): FilterWords {
  const { cause, age, provider, owner, protected: isProtected, q } = search;
  return { cause, age, provider, owner, protected: isProtected, q };
}
