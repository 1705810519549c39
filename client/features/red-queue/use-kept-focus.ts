import { useEffect, useLayoutEffect, useRef } from "react";

/**
 * A control that answers by disappearing (Claim, a form's button) must not drop focus to the body: it goes to the
 * panel's title, from where every key of the desk works.
 */
export function useKeptFocus(): void {
  const wasInPanel = useRef(false);
  useEffect(() => {
    const notice = (event: FocusEvent) => {
      wasInPanel.current = event.target instanceof Element && event.target.closest("aside") !== null;
    };
    document.addEventListener("focusin", notice);
    return () => document.removeEventListener("focusin", notice);
  }, []);
  useLayoutEffect(() => {
    if (!wasInPanel.current || document.activeElement !== document.body) return;
    document.getElementById("panel-title")?.focus({ preventScroll: true });
  });
}
