import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useCallback } from "react";
import { DataTable } from "#client/components/data-table/data-table.tsx";
import { FilterBox } from "#client/components/layout/filter-box.tsx";
import { IncidentList } from "#client/components/layout/incident-list.tsx";
import { Button } from "#client/components/ui/button.tsx";
import { EmptyState } from "#client/components/ui/empty-state.tsx";
import { Kbd } from "#client/components/ui/kbd.tsx";
import { Pager } from "#client/components/ui/pager.tsx";
import { Select, type SelectOption } from "#client/components/ui/select.tsx";
import { LEAD_COLUMNS } from "#client/features/leads/lead-columns.tsx";
import type { LeadRow } from "#client/features/leads/lead-types.ts";
import { LoadFailure } from "#client/features/shell/load-failure.tsx";
import { Screen } from "#client/features/shell/screen.tsx";
import { useLive } from "#client/lib/live/live.ts";
import { useRefresh } from "#client/lib/live/use-refresh.ts";
import { useMay, useWorkspace } from "#client/lib/session.ts";
import { trpc } from "#client/lib/trpc.ts";
import { LEAD_STATUSES, MEETING_STATES } from "#client/lib/vocabulary.ts";
import type { LeadsSearch } from "./leads.route.ts";

const route = getRouteApi("/w/$workspace/leads");

const GROUP = "Leads";

type Any = "any";
// The keys of a constant object are its type's keys.
const STATUS_OPTIONS = buildOptions<keyof typeof LEAD_STATUSES>("Any status", LEAD_STATUSES);
const MEETING_OPTIONS = buildOptions<keyof typeof MEETING_STATES>("Any meeting", MEETING_STATES);

export function LeadsScreen() {
  const { slug } = useWorkspace();
  const seesAll = useMay("leads.seeAll");
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const open = useNavigate();
  const go = useCallback(
    (change: Partial<LeadsSearch>) =>
      void navigate({ search: (before) => ({ ...before, cursor: undefined, ...change }), replace: true }),
    [navigate],
  );
  const q = search.q ?? "";
  const input = {
    workspace: slug,
    q,
    status: search.status ?? null,
    meeting: search.meeting ?? null,
    cursor: search.cursor ?? null,
  };
  const list = useQuery({ ...trpc.leads.list.queryOptions(input), placeholderData: keepPreviousData });
  const incidents = useQuery(trpc.leads.incidents.queryOptions({ workspace: slug }, { enabled: seesAll }));
  // Newcomers would push the page down; the counts and the rows are read again when one comes back to the screen.
  const refreshRows = useRefresh(trpc.leads.list.queryFilter(input));
  const refreshIncidents = useRefresh(trpc.leads.incidents.queryFilter());
  useLive("lead", ({ ids }) => {
    // Before the first answer nobody knows whose rows it holds.
    if (!list.data || list.data.rows.some(({ id }) => ids.includes(id))) refreshRows();
    refreshIncidents();
  });
  const openLead = useCallback(
    (leadId: string) => void open({ to: "/w/$workspace/leads/$leadId", params: { workspace: slug, leadId } }),
    [open, slug],
  );
  const setQuery = useCallback((text: string) => go({ q: text || undefined }), [go]);
  const isFiltered = q !== "" || search.status !== undefined || search.meeting !== undefined;
  const page = list.data;
  return (
    <Screen
      title="Leads"
      bar={
        <>
          <FilterBox label="Find leads by name, e-mail, company or phone" value={q} onChange={setQuery} />
          <Select
            label="Status"
            value={search.status ?? "any"}
            options={STATUS_OPTIONS}
            onChange={(status) => go({ status: status === "any" ? undefined : status })}
          />
          <Select
            label="Meeting"
            value={search.meeting ?? "any"}
            options={MEETING_OPTIONS}
            onChange={(meeting) => go({ meeting: meeting === "any" ? undefined : meeting })}
          />
          {!seesAll && (
            <p className="text-xs text-ink-3">Leads assigned to you or behind an open red task.</p>
          )}
        </>
      }
      strip={
        incidents.data &&
        incidents.data.length > 0 && (
          <div className="border-b border-rule px-4 py-3 sm:px-5">
            <IncidentList incidents={incidents.data} />
          </div>
        )
      }
      footer={
        <Pager
          from={page?.from ?? 1}
          count={page?.rows.length ?? 0}
          total={page?.total ?? null}
          onPrev={page?.prev ? () => go({ cursor: page.prev ?? undefined }) : null}
          onNext={page?.next ? () => go({ cursor: page.next ?? undefined }) : null}
          group={GROUP}
        >
          <Kbd keys="j" /> <Kbd keys="k" /> move · <Kbd keys="enter" /> open · <Kbd keys="?" /> keys
        </Pager>
      }
    >
      <DataTable
        label="Leads"
        group={GROUP}
        columns={LEAD_COLUMNS}
        rows={page?.rows ?? []}
        rowId={readId}
        rowLabel={describeRow}
        total={page?.total.exact ? page.total.value : null}
        from={page?.from ?? 1}
        onOpen={openLead}
        openLabel="Open lead"
        isLoading={list.isPending}
        onRetry={() => void list.refetch()}
        error={
          list.error && !page ? (
            <LoadFailure what="leads" error={list.error} onRetry={() => void list.refetch()} />
          ) : undefined
        }
        empty={
          isFiltered ? (
            <EmptyState
              title="No leads match these filters."
              action={
                <Button onClick={() => go({ q: undefined, status: undefined, meeting: undefined })}>
                  Clear filters
                </Button>
              }
            />
          ) : (
            <EmptyState title="No leads here yet.">
              {seesAll
                ? "They come in through the integration API."
                : "You see leads that are assigned to you or behind an open red task."}
            </EmptyState>
          )
        }
      />
    </Screen>
  );
}

function buildOptions<T extends string>(
  any: string,
  words: Record<T, { label: string }>,
): readonly SelectOption<T | Any>[] {
  // The keys of a constant object are its type's keys.
  const keys = Object.keys(words) as T[];
  return [{ value: "any", label: any }, ...keys.map((value) => ({ value, label: words[value].label }))];
}

function readId({ id }: LeadRow): string {
  return id;
}

function describeRow(lead: LeadRow): string {
  const red = lead.red === "lost" ? ", open red task" : lead.red === "moved" ? ", moved meeting" : "";
  return `${lead.name}, ${LEAD_STATUSES[lead.status].label}, ${MEETING_STATES[lead.meetingState].label}${red}`;
}
