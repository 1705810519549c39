import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Unplug } from "lucide-react";
import { Tooltip } from "#client/components/ui/tooltip.tsx";
import { useLive } from "#client/lib/live/live.ts";
import { useRefresh } from "#client/lib/live/use-refresh.ts";
import { ALL_WORKSPACES } from "#client/lib/permissions.ts";
import type { CurrentWorkspace } from "#client/lib/session.ts";
import { trpc } from "#client/lib/trpc.ts";
import { CONNECTION_STATES, PROVIDERS } from "#client/lib/vocabulary.ts";

/** Connections that need somebody or are failing, in this workspace or, for an admin's overview, in all. */
export function useConnectionIssues(workspace: CurrentWorkspace) {
  const isAll = workspace.slug === ALL_WORKSPACES;
  const maySee = workspace.permissions.includes("connections.health");
  const one = useQuery(
    trpc.connections.list.queryOptions({ workspace: workspace.slug }, { enabled: maySee && !isAll }),
  );
  const all = useQuery(trpc.connections.listAll.queryOptions(undefined, { enabled: maySee && isAll }));
  useLive("connection", useRefresh(trpc.connections.pathFilter()));
  const rows = (isAll ? all.data?.rows : one.data?.rows) ?? [];
  return rows.filter(({ state }) => state === "action_needed" || state === "retrying");
}

/** An icon that is there only while something is broken, and leads to it. */
export function ConnectionIssues({ workspace }: { workspace: CurrentWorkspace }) {
  const issues = useConnectionIssues(workspace);
  if (issues.length === 0) return null;
  const text = issues
    .map(
      (issue) => `${PROVIDERS[issue.provider].label}: ${CONNECTION_STATES[issue.state].label.toLowerCase()}`,
    )
    .join(" · ");
  return (
    <Tooltip text={text}>
      <Link
        to="/w/$workspace/connections"
        params={{ workspace: workspace.slug }}
        aria-label={`Connections, ${text}`}
        className="grid size-7 place-items-center rounded-md text-doubt hover:bg-hover"
      >
        <Unplug aria-hidden="true" strokeWidth={1.8} className="size-4" />
      </Link>
    </Tooltip>
  );
}
