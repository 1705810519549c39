import { getRouteApi } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Page } from "#client/components/layout/page.tsx";
import { EmptyState } from "#client/components/ui/empty-state.tsx";
import { Card } from "#client/components/ui/facts.tsx";
import { SkeletonText } from "#client/components/ui/skeleton-rows.tsx";
import { StateMark } from "#client/components/ui/state-mark.tsx";
import { CalendlySetup } from "#client/features/connections/calendly-setup.tsx";
import { buildTabs, decideTab } from "#client/features/connections/connection-tabs.ts";
import type { ConnectionRow, DisconnectResult } from "#client/features/connections/connection-types.ts";
import { DisconnectReport } from "#client/features/connections/disconnect-report.tsx";
import { DisconnectTab } from "#client/features/connections/disconnect-tab.tsx";
import { EventTypesForm } from "#client/features/connections/event-types-form.tsx";
import { HealthTab } from "#client/features/connections/health-tab.tsx";
import { HighLevelForm } from "#client/features/connections/highlevel-form.tsx";
import { TokenTab } from "#client/features/connections/token-tab.tsx";
import { useConnectionCalls } from "#client/features/connections/use-connection-calls.ts";
import { LoadFailure } from "#client/features/shell/load-failure.tsx";
import { Screen } from "#client/features/shell/screen.tsx";
import { useMay, useWorkspace } from "#client/lib/session.ts";
import { showToast } from "#client/lib/toasts.ts";
import type { Provider } from "#client/lib/trpc.ts";
import { CONNECTION_STATES, PROVIDERS } from "#client/lib/vocabulary.ts";
import { DeliveriesScreen } from "./connection-deliveries.tsx";
import { useConnection } from "./use-connection.ts";

const route = getRouteApi("/w/$workspace/connections/$provider");

/** One provider's account: its setup while that is unfinished, else its health and what can be done about it. */
export function ConnectionScreen() {
  const { slug } = useWorkspace();
  const mayManage = useMay("connections.manage");
  // The route lets nothing else through.
  const provider = route.useParams().provider as Provider;
  const search = route.useSearch();
  const calls = useConnectionCalls(slug);
  const [ended, setEnded] = useState<DisconnectResult | null>(null);

  const { list, found, row, health, manage } = useConnection(slug, provider, mayManage);

  const tab = decideTab(search.tab, row, mayManage);
  const navigate = route.useNavigate();
  const isFirstSetup = row !== null && tab === "setup" && search.tab === undefined;
  useEffect(() => {
    // The last step ends the setup; who is in it stays on its page and sees the first event arrive.
    if (isFirstSetup) void navigate({ search: { tab: "setup" }, replace: true });
  }, [isFirstSetup, navigate]);

  const name = PROVIDERS[provider].label;
  if (list.isError && !list.data) {
    return (
      <Screen title={name}>
        <LoadFailure what="this connection" error={list.error} onRetry={() => void list.refetch()} />
      </Screen>
    );
  }
  if (row && tab === "deliveries") {
    return (
      <DeliveriesScreen
        row={row}
        title={name}
        subtitle={<State row={row} />}
        tabs={buildTabs(row, tab, mayManage)}
        calls={calls}
      />
    );
  }
  return (
    <Screen
      title={name}
      subtitle={found && <State row={found} />}
      tabs={row ? buildTabs(row, tab, mayManage) : []}
    >
      <Page key={tab}>
        {ended && !row && <DisconnectReport provider={provider} result={ended} />}
        {list.isPending ? <SkeletonText /> : renderTab()}
      </Page>
    </Screen>
  );

  function renderTab() {
    if (!row) return renderUnlinked();
    if (tab === "setup") {
      return (
        <CalendlySetup
          workspace={slug}
          row={row}
          facts={manage.data ?? null}
          health={health.data ?? null}
          calls={calls}
        />
      );
    }
    if (tab === "health") {
      if (health.isError && !health.data) {
        return <LoadFailure what="its health" error={health.error} onRetry={() => void health.refetch()} />;
      }
      if (!health.data) return <SkeletonText />;
      return <HealthTab row={row} health={health.data} calls={calls} mayManage={mayManage} />;
    }
    if (manage.isError && !manage.data) {
      return (
        <LoadFailure what="this connection" error={manage.error} onRetry={() => void manage.refetch()} />
      );
    }
    if (!manage.data) return <SkeletonText />;
    if (tab === "event-types") {
      const save = async (choice: { selected: string[]; includeNew: boolean }) => {
        const saved = await calls.chooseEventTypes({ connectionId: row.id, ...choice });
        if (saved) showToast(`${saved.selected} of ${saved.total} count from now on.`);
      };
      return (
        <Card title={provider === "calendly" ? "Event types that count" : "Calendars that count"}>
          <div className="max-w-xl">
            <EventTypesForm
              provider={provider}
              eventTypes={manage.data.eventTypes}
              includeNew={row.eventTypes.includeNew}
              areCountsKnown={row.sweptAt.warm !== null}
              saveLabel={(selected) => `Save ${selected} of ${manage.data.eventTypes.length}`}
              onSave={save}
            />
          </div>
        </Card>
      );
    }
    if (tab === "token") return <TokenTab row={row} facts={manage.data} calls={calls} />;
    return <DisconnectTab row={row} facts={manage.data} calls={calls} onDone={setEnded} />;
  }

  function renderUnlinked() {
    if (!mayManage) {
      return (
        <EmptyState title={`${name} is not connected`}>
          Bookings at {name} are unknown here. An owner of this workspace can connect it.
        </EmptyState>
      );
    }
    if (provider === "calendly") {
      return <CalendlySetup workspace={slug} row={null} facts={null} health={null} calls={calls} />;
    }
    const connect = async (token: string, locationId: string) => {
      const outcome = await calls.connectHighLevel(token, locationId);
      if (outcome?.ok) {
        const { account } = outcome;
        showToast(`${account.locationName ?? "HighLevel"} is connected.`, {
          description: `${account.calendars.length} calendars, ${account.people} people. The first sweep is on its way.`,
        });
      }
      return outcome && !outcome.ok ? outcome.error : null;
    };
    return (
      <Card title="Connect HighLevel">
        <HighLevelForm onSubmit={connect} />
      </Card>
    );
  }
}

function State({ row }: { row: ConnectionRow }) {
  const { label, tone, shape } = CONNECTION_STATES[row.state];
  return (
    <StateMark shape={shape ?? "dot"} tone={tone} className="align-middle">
      {label}
    </StateMark>
  );
}
