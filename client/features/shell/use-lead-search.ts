import { useEffect, useState } from "react";

export type LeadHit = { id: string; name: string; email: string; company: string | null };
export type SearchLeads = (query: string, signal: AbortSignal) => Promise<readonly LeadHit[]>;

const DEBOUNCE_MS = 150;
const MIN_CHARS = 2;

/** Leads for what is typed: from the second character on, 150 ms after the last key; an older answer never wins. */
export function useLeadSearch(query: string, searchLeads: SearchLeads | undefined) {
  const [hits, setHits] = useState<readonly LeadHit[]>([]);
  const [state, setState] = useState<"idle" | "searching" | "failed">("idle");
  const text = query.trim();
  useEffect(() => {
    if (!searchLeads || text.length < MIN_CHARS) {
      setHits([]);
      setState("idle");
      return;
    }
    const abort = new AbortController();
    setState("searching");
    const timer = setTimeout(() => {
      searchLeads(text, abort.signal).then(
        (found) => {
          if (abort.signal.aborted) return;
          setHits(found);
          setState("idle");
        },
        () => !abort.signal.aborted && setState("failed"),
      );
    }, DEBOUNCE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text, searchLeads]);
  return { hits, state };
}
