import { Banner } from "#client/components/ui/banner.tsx";
import { useLiveState } from "#client/lib/live/live.ts";
import { useMyZone } from "#client/lib/preferences.ts";
import { formatSince } from "./live-chip.tsx";

/** Says over the list that it no longer follows, and from when its data is. */
export function StaleStrip() {
  const state = useLiveState();
  const zone = useMyZone();
  if (state.kind !== "stale" && state.kind !== "offline") return null;
  return (
    <Banner placement="strip" title={`Showing data from ${formatSince(state.sinceMs, zone)}.`}>
      Changes by others are not visible.
    </Banner>
  );
}
