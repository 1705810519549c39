import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import { useLive } from "#client/lib/live/live.ts";
import { queryClient, trpc } from "#client/lib/trpc.ts";
import type { QueueSort, QueueView } from "./red-queue-types.ts";
import { useQueueRows } from "./use-queue-rows.ts";
import { useThrottled } from "./use-throttled.ts";

export type QueueAddress = {
  view: QueueView;
  q: string;
  sort: QueueSort;
  dir: "asc" | "desc";
  cursor: string | null;
};

const REFRESH_MS = 60_000;
/** A burst of changes is read at most this often. */
const LIVE_GAP_MS = 400;

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
  const refresh = useThrottled(() => {
    void queryClient.invalidateQueries(trpc.redQueue.list.pathFilter());
    void queryClient.invalidateQueries(trpc.redQueue.rows.pathFilter());
    void queryClient.invalidateQueries(trpc.redQueue.get.pathFilter());
  }, LIVE_GAP_MS);
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
  useLive("lead", ({ ids }) => {
    if (leadId && ids.includes(leadId)) void queryClient.invalidateQueries(trpc.redQueue.get.pathFilter());
  });
  const prefetch = useCallback(() => {
    if (nextId === null) return;
    void queryClient.prefetchQuery(trpc.redQueue.get.queryOptions({ workspace: slug, taskId: nextId }));
  }, [slug, nextId]);
  useEffect(prefetch, [prefetch]);
  return facts;
}
