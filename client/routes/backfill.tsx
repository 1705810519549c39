import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Page } from "#client/components/layout/page.tsx";
import { SkeletonText } from "#client/components/ui/skeleton-rows.tsx";
import type { Run } from "#client/features/backfills/run.ts";
import { isEnded } from "#client/features/backfills/run.ts";
import { RunButtons, RunSubtitle } from "#client/features/backfills/run-header.tsx";
import { RunPage } from "#client/features/backfills/run-page.tsx";
import { writeDocumentTitle } from "#client/features/backfills/run-text.ts";
import { useRunActions } from "#client/features/backfills/use-run-actions.ts";
import { LoadFailure } from "#client/features/shell/load-failure.tsx";
import { Screen } from "#client/features/shell/screen.tsx";
import { useLive } from "#client/lib/live/live.ts";
import { useRefresh } from "#client/lib/live/use-refresh.ts";
import { useMay, useWorkspace } from "#client/lib/session.ts";
import { trpc } from "#client/lib/trpc.ts";

const route = getRouteApi("/w/$workspace/backfills/$backfillId");
/** Live events tell of pages; rate, time left and a silent worker also change while nothing is written. */
const REFRESH_MS = 3_000;

export function BackfillScreen() {
  const { slug } = useWorkspace();
  const { backfillId } = route.useParams();
  const input = { workspace: slug, id: backfillId };
  const run = useQuery({
    ...trpc.backfills.get.queryOptions(input),
    refetchInterval: ({ state }) => (state.data && !isEnded(state.data) ? REFRESH_MS : false),
  });
  const isMoving = run.data !== undefined && !isEnded(run.data);
  const log = useQuery({
    ...trpc.backfills.log.queryOptions(input, { enabled: run.isSuccess }),
    refetchInterval: isMoving ? REFRESH_MS : false,
  });
  const refresh = useRefresh(trpc.backfills.get.queryFilter(input), trpc.backfills.log.queryFilter(input));
  useLive("run", ({ ids }) => {
    if (ids.includes(backfillId)) refresh();
  });
  if (run.data) return <LoadedRun run={run.data} slices={log.data ?? []} workspace={slug} />;
  return (
    <Screen title="Backfill">
      {run.isError ? (
        <LoadFailure what="this run" error={run.error} onRetry={() => run.refetch()} />
      ) : (
        <Page>
          <SkeletonText lines={8} />
        </Page>
      )}
    </Screen>
  );
}

function LoadedRun({
  run,
  slices,
  workspace,
}: {
  run: Run;
  slices: Parameters<typeof RunPage>[0]["slices"];
  workspace: string;
}) {
  const mayRun = useMay("backfills.run");
  const actions = useRunActions(workspace, run, mayRun);
  return (
    <Screen
      title={`Backfill ${run.number}`}
      subtitle={<RunSubtitle run={run} />}
      documentTitle={writeDocumentTitle(run)}
      actions={<RunButtons run={run} actions={actions} />}
    >
      <RunPage run={run} slices={slices} workspace={workspace} actions={actions} />
    </Screen>
  );
}
