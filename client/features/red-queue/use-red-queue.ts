import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import { useLive } from "#client/lib/live/live.ts";
import { useRefresh } from "#client/lib/live/use-refresh.ts";
import { queryClient, trpc } from "#client/lib/trpc.ts";
import type { QueueSort, QueueView } from "./red-queue-types.ts";
import { useQueueRows } from "./use-queue-rows.ts";

export type QueueAddress = {
  view: QueueView;
  q: string;
  sort: QueueSort;
  dir: "asc" | "desc";
  cursor: string | null;
};

const REFRESH_MS = 60_000;

/** The list as it is read and as it is shown, kept live. */
export function useRedQueue(slug: string, address: QueueAddress, isEngaged: () => boolean) {
  const input = { workspace: slug, ...address };
  const list = useQuery({
    ...trpc.redQueue.list.queryOptions(input),
    placeholderData: keepPreviousData,
    // Tasks become overdue, clocks pass nine and claims run out without anybody's doing.
    refetchInterval: REFRESH_MS,
  });
  const key = JSON.stringify(input);
  const answered = useRef(key);
  useEffect(() => {
    if (!list.isPlaceholderData) answered.current = key;
  });
  const rows = useQueueRows({
    slug,
    page: list.data,
    key: list.isPlaceholderData ? answered.current : key,
    isEngaged,
  });
  const refresh = useRefresh(
    trpc.redQueue.list.pathFilter(),
    trpc.redQueue.rows.pathFilter(),
    trpc.redQueue.get.pathFilter(),
  );
  useLive("task", refresh);
  return { list, ...rows, refresh };
}

/** The open task's facts; those of the next one are fetched ahead, so that it opens at once. */
export function useTaskFacts(slug: string, taskId: string | null, nextId: string | null) {
  const facts = useQuery({
    ...trpc.redQueue.get.queryOptions({ workspace: slug, taskId: taskId ?? "" }),
    enabled: taskId !== null,
  });
  const leadId = facts.data?.task.lead.id;
  const refresh = useRefresh(trpc.redQueue.get.pathFilter());
  useLive("lead", ({ ids }) => {
    if (leadId && ids.includes(leadId)) refresh();
  });
  const prefetch = useCallback(() => {
    if (nextId === null) return;
    void queryClient.prefetchQuery(trpc.redQueue.get.queryOptions({ workspace: slug, taskId: nextId }));
  }, [slug, nextId]);
  useEffect(prefetch, [prefetch]);
  return facts;
}
