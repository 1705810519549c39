import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useLive } from "#client/lib/live/live.ts";
import { useRefresh } from "#client/lib/live/use-refresh.ts";
import type { CurrentWorkspace } from "#client/lib/session.ts";
import { trpc } from "#client/lib/trpc.ts";

/** The running backfill and how far it is; absent while none runs. Several show the newest and how many more. */
export function RunMeter({ workspace }: { workspace: CurrentWorkspace }) {
  const input = { workspace: workspace.slug };
  const running = useQuery(trpc.backfills.running.queryOptions(input));
  useLive("run", useRefresh(trpc.backfills.running.queryFilter(input)));
  const [newest, ...others] = running.data ?? [];
  if (!newest) return null;
  const percent = newest.percent === null ? null : Math.floor(newest.percent);
  const text = `Backfill ${newest.number}${percent === null ? "" : ` · ${percent}%`}`;
  return (
    <Link
      to="/w/$workspace/backfills/$backfillId"
      params={{ workspace: workspace.slug, backfillId: newest.id }}
      className="inline-flex min-h-6 items-center gap-2 rounded-sm text-xs whitespace-nowrap text-ink-2 hover:text-ink"
    >
      <span
        aria-hidden="true"
        className="keeps-colour h-1 w-13 overflow-hidden rounded-full bg-rule max-md:hidden"
      >
        <span className="block h-full bg-accent" style={{ width: `${percent ?? 0}%` }} />
      </span>
      <span className="max-md:hidden">
        {text}
        {others.length > 0 && ` +${others.length}`}
      </span>
      <span className="md:hidden">
        <span className="sr-only">Backfill {newest.number}: </span>
        {percent === null ? "running" : `${percent}%`}
      </span>
    </Link>
  );
}
