import type { CurrentWorkspace } from "#client/lib/session.ts";
import { ConnectionIssues } from "./connection-issues.tsx";
import { LiveChip } from "./live-chip.tsx";
import { RunMeter } from "./run-meter.tsx";

/** What the system has to say, quiet while all is well: broken connections, running backfills, the live chip. */
export function StatusCorner({ workspace }: { workspace: CurrentWorkspace }) {
  return (
    <>
      {workspace.permissions.includes("connections.health") && <ConnectionIssues workspace={workspace} />}
      {workspace.permissions.includes("backfills.see") && <RunMeter workspace={workspace} />}
      <LiveChip />
    </>
  );
}
