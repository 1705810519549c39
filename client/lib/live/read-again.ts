import type { QueryFilters } from "@tanstack/react-query";
import { queryClient } from "#client/lib/trpc.ts";

/**
 * Asks again for what is on screen and marks the rest as old; resolves when the answers are here. An answer that was
 * on its way may be from before the change: one that is refreshed is dropped, a first one is waited for and asked again.
 */
export async function readAgain(...filters: QueryFilters[]): Promise<void> {
  const isFirstOnItsWay = filters.some((filter) =>
    queryClient
      .getQueryCache()
      .findAll({ ...filter, type: "active", fetchStatus: "fetching" })
      .some(({ state }) => state.data === undefined),
  );
  const ask = () => Promise.all(filters.map((filter) => queryClient.invalidateQueries(filter)));
  await ask();
  if (isFirstOnItsWay) await ask();
}
