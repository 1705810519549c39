import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { Tab } from "#client/components/ui/tabs.tsx";
import { PlanMeter } from "#client/features/mismatches/plan-meter.tsx";
import { TABS, type TabId } from "#client/features/mismatches/words.ts";
import { useActions } from "#client/lib/actions.ts";
import { useLive } from "#client/lib/live/live.ts";
import { useWorkspace } from "#client/lib/session.ts";
import { queryClient, trpc } from "#client/lib/trpc.ts";
import { DecidedMismatches } from "./mismatches-decided.tsx";
import { OpenMismatches } from "./mismatches-open.tsx";

const route = getRouteApi("/w/$workspace/mismatches");
const METER_MS = 1_000;

/** What both halves of the screen share: tabs with counts, the meter of running decisions. */
export function MismatchesScreen() {
  const { slug } = useWorkspace();
  const { tab = "1" } = route.useSearch();
  const navigate = route.useNavigate();
  const counts = useQuery(
    trpc.mismatches.counts.queryOptions({ workspace: slug, tab: tab === "decided" ? "1" : tab }),
  );
  const running = useQuery({
    ...trpc.mismatches.running.queryOptions({ workspace: slug }),
    refetchInterval: (query) => (query.state.data?.length ? METER_MS : false),
  });
  useLive("run", () =>
    queryClient.invalidateQueries(trpc.mismatches.running.queryFilter({ workspace: slug })),
  );
  const openReceipt = (receiptId: string) =>
    void navigate({ to: ".", search: { tab: "decided", receipt: receiptId } });
  useActions(
    TABS.map(({ id, label }, index) => ({
      id: `tab.${id}`,
      label,
      keys: [`shift+${index + 1}`],
      scope: "list" as const,
      group: "Mismatches",
      run: () => void navigate({ to: ".", search: { tab: id } }),
    })),
  );
  const shared = {
    tabs: TABS.map(
      ({ id, label }): Tab => ({
        id,
        label,
        count: id === "decided" ? undefined : counts.data?.tabs[id],
        isCurrent: id === tab,
        link: linkTo(id),
      }),
    ),
    actions: <PlanMeter running={running.data ?? []} onOpen={openReceipt} />,
    openReceipt,
  };
  return tab === "decided" ? (
    <DecidedMismatches {...shared} />
  ) : (
    <OpenMismatches key={tab} tab={tab} tabTotal={counts.data?.tabs[tab] ?? null} {...shared} />
  );
}

/** A link within this screen; `Tab` has the type of any link at all, which knows no screen's search parameters. */
function linkTo(tab: TabId): Tab["link"] {
  return { to: ".", search: { tab } as object } as Tab["link"];
}
