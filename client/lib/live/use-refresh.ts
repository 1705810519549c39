import type { QueryFilters } from "@tanstack/react-query";
import { useLayoutEffect, useRef, useState } from "react";
import { readAgain } from "./read-again.ts";
import { createRefresher } from "./refresher.ts";

/** `refresh()` reads these queries again, in turn with what else asks for it; see `createRefresher`. */
export function useRefresh(...filters: QueryFilters[]): () => void {
  const latest = useRef(filters);
  useLayoutEffect(() => {
    latest.current = filters;
  });
  const [refresh] = useState(() => createRefresher(() => readAgain(...latest.current)));
  return refresh;
}
