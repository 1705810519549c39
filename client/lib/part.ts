import { type ComponentType, useEffect, useState } from "react";

/** A component whose code is fetched when first wanted, or earlier by `preload`. */
export type Part<P> = { preload: () => Promise<void>; get: () => ComponentType<P> | null };

export function definePart<P>(load: () => Promise<ComponentType<P>>): Part<P> {
  let loaded: ComponentType<P> | null = null;
  return {
    preload: async () => {
      loaded ??= await load();
    },
    get: () => loaded,
  };
}

/**
 * The component, or null while its code is on the way. Unlike React.lazy it is there at once when it was preloaded: a
 * suspended boundary holds its content back for 300 ms, and keys typed meanwhile would be lost.
 */
export function usePart<P>(part: Part<P>, isWanted: boolean): ComponentType<P> | null {
  const [, setIsReady] = useState(part.get() !== null);
  useEffect(() => {
    if (isWanted && !part.get()) void part.preload().then(() => setIsReady(true));
  }, [part, isWanted]);
  return isWanted ? part.get() : null;
}
