/**
 * Speaks one sentence through the page's polite live region. At most one a second, the newest wins: a burst of events
 * must not bury the sentence that belongs to what the person just did.
 */
const GAP_MS = 1000;
let region: HTMLElement | null = null;
let lastAtMs = Number.NEGATIVE_INFINITY;
let waiting: ReturnType<typeof setTimeout> | undefined;

function findRegion(): HTMLElement {
  if (region?.isConnected) return region;
  region = document.createElement("div");
  region.className = "sr-only";
  region.setAttribute("role", "status");
  region.setAttribute("aria-live", "polite");
  region.dataset.announcer = "";
  document.body.append(region);
  return region;
}

export function announce(sentence: string): void {
  clearTimeout(waiting);
  const waitMs = lastAtMs + GAP_MS - performance.now();
  waiting = setTimeout(
    () => {
      lastAtMs = performance.now();
      const place = findRegion();
      // The same sentence twice must be spoken twice: an emptied region makes the second one a change.
      place.textContent = "";
      requestAnimationFrame(() => {
        place.textContent = sentence;
      });
    },
    Math.max(0, waitMs),
  );
}
