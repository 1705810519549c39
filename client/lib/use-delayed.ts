import { useEffect, useState } from "react";

/** True once `delayMs` have passed since mounting: no skeleton before 300 ms, no silence after 5 s. */
export function useDelayed(delayMs: number): boolean {
  const [isOver, setIsOver] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsOver(true), delayMs);
    return () => clearTimeout(timer);
  }, [delayMs]);
  return isOver;
}
