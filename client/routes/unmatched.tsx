import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import { DataTable, type DataTableHandle } from "#client/components/data-table/data-table.tsx";
import { Kbd } from "#client/components/ui/kbd.tsx";
import { Pager } from "#client/components/ui/pager.tsx";
import type { Tab } from "#client/components/ui/tabs.tsx";
import { ListAge } from "#client/features/shell/list-age.tsx";
import { LoadFailure } from "#client/features/shell/load-failure.tsx";
import { Screen } from "#client/features/shell/screen.tsx";
import { useLeadSearch } from "#client/features/shell/use-lead-search.ts";
import { LinkPanel } from "#client/features/unmatched/link-panel.tsx";
import { SoughtBar } from "#client/features/unmatched/sought-bar.tsx";
import { unmatchedColumns } from "#client/features/unmatched/unmatched-columns.tsx";
import { UnmatchedEmpty } from "#client/features/unmatched/unmatched-empty.tsx";
import { nameOf, putFirst, rowLabel, type SoughtLead } from "#client/features/unmatched/words.ts";
import { useActions } from "#client/lib/actions.ts";
import { useMay, useWorkspace } from "#client/lib/session.ts";
import { type RouterOutput, trpc, trpcClient } from "#client/lib/trpc.ts";
import { useBookingLink } from "./use-booking-link.ts";
import { useLeavingRows } from "./use-leaving-rows.ts";
import { useUnmatchedRows } from "./use-unmatched-rows.ts";

const GROUP = "Unmatched";
const SIDES = [
  { id: "ahead", label: "Ahead" },
  { id: "over", label: "Over" },
] as const;
const rowId = (row: { id: string }) => row.id;

/** R11: bookings that are nobody's by themselves, and whose each may be. */
export function UnmatchedScreen() {
  const { slug, zone } = useWorkspace();
  const workspaceZone = zone ?? "UTC";
  const mayLink = useMay("unmatched.link");
  const table = useRef<DataTableHandle>(null);
  const { when, leadId, isOfAll, list, stable, rows, activeId, detail, change, open, ...unmatched } =
    useUnmatchedRows();
  const lead = useQuery({
    ...trpc.leads.get.queryOptions({ workspace: slug, leadId: leadId ?? "" }),
    enabled: leadId !== null,
  });
  const leadName = leadId === null ? null : (lead.data?.lead.name ?? "this lead");
  const sought = lead.data ? soughtOf(lead.data.lead) : null;
  const search = useSearchBeside(slug, activeId);

  const link = useBookingLink({
    workspace: slug,
    ...useLeavingRows({ rows, stable, table, nameOf, open, openOther: unmatched.openOther }),
  });

  const go = (side: "ahead" | "over") =>
    change({ when: side === "ahead" ? undefined : side, cursor: undefined, booking: undefined });
  const showAll = (all: boolean) =>
    change({ all: all ? true : undefined, cursor: undefined, booking: undefined });
  const stopSeeking = () => change({ lead: undefined, all: undefined, cursor: undefined });
  const counts = list.data?.counts;
  useActions(
    SIDES.map(({ id, label }, index) => ({
      id: `tab.${id}`,
      label,
      keys: [`shift+${index + 1}`],
      scope: "list" as const,
      group: GROUP,
      run: () => go(id),
    })),
  );
  const columns = useMemo(() => unmatchedColumns(workspaceZone), [workspaceZone]);
  const { prev = null, next = null } = list.data ?? {};
  const { suggestionsFailed: failed } = unmatched;

  return (
    <Screen
      title="Unmatched"
      tabs={SIDES.map(
        ({ id, label }): Tab => ({
          id,
          label,
          count: counts?.[id],
          isCurrent: id === when,
          link: linkTo(id, leadId, isOfAll),
        }),
      )}
      bar={
        <>
          {leadName === null ? (
            <p className="text-xs text-ink-3 max-sm:hidden">
              Bookings that match no lead, or several. Nothing is linked by guess.
            </p>
          ) : (
            <SoughtBar name={leadName} isOfAll={isOfAll} onAll={showAll} onStop={stopSeeking} />
          )}
          <ListAge asOf={list.data?.asOf} newCount={stable.newCount} group={GROUP} onReset={stable.reset} />
        </>
      }
      footer={
        <Pager
          from={list.data?.from ?? 1}
          count={rows.length}
          total={counts ? { value: counts[when], exact: true } : null}
          group={GROUP}
          onPrev={prev ? () => change({ cursor: prev, booking: undefined }) : null}
          onNext={next ? () => change({ cursor: next, booking: undefined }) : null}
        >
          <Kbd keys="j" /> <Kbd keys="k" /> move · <Kbd keys="1" /> link to the first · <Kbd keys="?" /> keys
        </Pager>
      }
      panel={
        (activeId !== null || unmatched.isOpening) && (
          <LinkPanel
            booking={detail.data ?? null}
            name={rows.filter(({ id }) => id === activeId).map(nameOf)[0]}
            error={
              detail.error &&
              !detail.data && (
                <LoadFailure what="this booking" error={detail.error} onRetry={() => void detail.refetch()} />
              )
            }
            suggestions={unmatched.suggestions && putFirst(unmatched.suggestions, sought)}
            suggestionsError={
              failed?.error && (
                <LoadFailure what="suggestions" error={failed.error} onRetry={() => void failed.refetch()} />
              )
            }
            workspace={slug}
            workspaceZone={workspaceZone}
            mayLink={mayLink}
            search={search}
            onLink={link}
            onClose={unmatched.close}
          />
        )
      }
    >
      <DataTable
        handle={table}
        label="Bookings without a lead"
        group={GROUP}
        columns={columns}
        rows={rows}
        rowId={rowId}
        rowLabel={rowLabel}
        total={counts?.[when] ?? null}
        from={list.data?.from ?? 1}
        activeId={activeId}
        onOpen={open}
        onMove={activeId === null ? undefined : open}
        openLabel="Say whose it is"
        isDim={stable.isSettled}
        isLoading={list.isPending || !stable.isReady}
        onRetry={() => void list.refetch()}
        error={
          list.error &&
          !list.data && <LoadFailure what="bookings" error={list.error} onRetry={() => void list.refetch()} />
        }
        empty={
          <UnmatchedEmpty
            when={when}
            otherCount={counts?.[when === "ahead" ? "over" : "ahead"] ?? 0}
            leadName={isOfAll ? null : leadName}
            onOther={() => go(when === "ahead" ? "over" : "ahead")}
          />
        }
      />
    </Screen>
  );
}

function soughtOf({ id, name, email, company }: RouterOutput["leads"]["get"]["lead"]): SoughtLead {
  return { leadId: id, name, email, company };
}

/** Any lead, by what is typed for the open booking; another booking begins with an empty box. */
function useSearchBeside(workspace: string, bookingId: string | null) {
  const [typed, setTyped] = useState<{ bookingId: string | null; query: string }>({ bookingId, query: "" });
  const query = typed.bookingId === bookingId ? typed.query : "";
  const searchLeads = useMemo(
    () => (q: string, signal: AbortSignal) => trpcClient.leads.search.query({ workspace, q }, { signal }),
    [workspace],
  );
  const { hits, state } = useLeadSearch(query, searchLeads);
  return { query, onChange: (next: string) => setTyped({ bookingId, query: next }), hits, state };
}

/** A link within this screen; `Tab` has the type of any link at all, which knows no screen's search parameters. */
function linkTo(when: "ahead" | "over", leadId: string | null, isOfAll: boolean): Tab["link"] {
  const search = {
    ...(when === "over" ? { when } : {}),
    ...(leadId === null ? {} : { lead: leadId }),
    ...(isOfAll ? { all: true } : {}),
  };
  return { to: ".", search: search as object } as Tab["link"];
}
