import { type RefObject, useEffect, useRef } from "react";

/** `current` is false once the component left the page: an answer that comes late must not take the person back to it. */
export function useIsHere(): RefObject<boolean> {
  const isHere = useRef(true);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);
  return isHere;
}
