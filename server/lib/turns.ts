/** Begins the work once there is a place for it, first come, first served, and answers what the work answers. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** Turns of this process alone: at most `places` pieces of work are under way at once. */
export function createTurns(places: number): InTurn {
  const waiting: (() => void)[] = [];
  let free = places;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      // A place is handed on, not given back, so that nobody who comes later takes it first.
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}
