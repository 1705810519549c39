import { useCallback, useState } from "react";

/**
 * Where focus goes when a layer closes: where it was when it opened, or the screen itself when that is gone, never the
 * body. Moves focus itself and answers false, because the library would pass over an element outside the tab order.
 */
export function useReturnFocus(isOpen: boolean): () => false {
  const [opening, setOpening] = useState<{ isOpen: boolean; before: Element | null }>({
    isOpen: false,
    before: null,
  });
  if (opening.isOpen !== isOpen) {
    setOpening({ isOpen, before: isOpen ? document.activeElement : opening.before });
  }
  const { before } = opening;
  return useCallback(() => {
    const isThere = before instanceof HTMLElement && before !== document.body && before.isConnected;
    const target = isThere ? before : document.querySelector<HTMLElement>("main");
    target?.focus({ preventScroll: true });
    return false;
  }, [before]);
}
