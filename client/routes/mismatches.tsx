import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { Tab } from "#client/components/ui/tabs.tsx";
import { PlanMeter } from "#client/features/mismatches/plan-meter.tsx";
import { listTabOf, TABS, type TabId } from "#client/features/mismatches/tabs.ts";
import { useActions } from "#client/lib/actions.ts";
import { useLive } from "#client/lib/live/live.ts";
import { useRefresh } from "#client/lib/live/use-refresh.ts";
import { useWorkspace } from "#client/lib/session.ts";
import { trpc } from "#client/lib/trpc.ts";
import { DecidedMismatches } from "./mismatches-decided.tsx";
import { OpenMismatches } from "./mismatches-open.tsx";

const route = getRouteApi("/w/$workspace/mismatches");
const METER_MS = 1_000;

/** What both halves of the screen share: tabs with counts, the meter of running decisions. */
export function MismatchesScreen() {
  const { slug } = useWorkspace();
  const { tab = "says-booked" } = route.useSearch();
  const listTab = listTabOf(tab);
  const navigate = route.useNavigate();
  const counts = useQuery(trpc.mismatches.counts.queryOptions({ workspace: slug, tab: listTab ?? "1" }));
  const running = useQuery({
    ...trpc.mismatches.running.queryOptions({ workspace: slug }),
    refetchInterval: (query) => (query.state.data?.length ? METER_MS : false),
  });
  useLive("run", useRefresh(trpc.mismatches.running.queryFilter({ workspace: slug })));
  const openReceipt = (receiptId: string) =>
    void navigate({ to: ".", search: { tab: "decided", receipt: receiptId } });
  // Kind 5 is for workspaces that ask for it, and there only while it has rows.
  const shown = TABS.filter(({ id, of }) => of !== "5" || id === tab || (counts.data?.tabs[of] ?? 0) > 0);
  useActions(
    shown.map(({ id, label }, index) => ({
      id: `tab.${id}`,
      label,
      keys: [`shift+${index + 1}`],
      scope: "list" as const,
      group: "Mismatches",
      run: () => void navigate({ to: ".", search: { tab: id } }),
    })),
  );
  const shared = {
    tabs: shown.map(
      ({ id, of, label }): Tab => ({
        id,
        label,
        count: of === null ? undefined : counts.data?.tabs[of],
        isCurrent: id === tab,
        link: linkTo(id),
      }),
    ),
    actions: <PlanMeter running={running.data ?? []} onOpen={openReceipt} />,
    openReceipt,
  };
  return listTab === null ? (
    <DecidedMismatches {...shared} />
  ) : (
    <OpenMismatches key={listTab} tab={listTab} tabTotal={counts.data?.tabs[listTab] ?? null} {...shared} />
  );
}

/** A link within this screen; `Tab` has the type of any link at all, which knows no screen's search parameters. */
function linkTo(tab: TabId): Tab["link"] {
  return { to: ".", search: { tab } as object } as Tab["link"];
}
