import type { CurrentWorkspace } from "#client/lib/session.ts";
import { LiveChip } from "./live-chip.tsx";

/** What the system has to say, quiet while all is well. */
export function StatusCorner({ workspace }: { workspace: CurrentWorkspace }) {
  return <LiveChip key={workspace.slug} />;
}
