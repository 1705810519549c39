import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import { DataTable, type DataTableHandle } from "#client/components/data-table/data-table.tsx";
import { Button } from "#client/components/ui/button.tsx";
import { Kbd } from "#client/components/ui/kbd.tsx";
import { Pager } from "#client/components/ui/pager.tsx";
import type { Tab } from "#client/components/ui/tabs.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { LoadFailure } from "#client/features/shell/load-failure.tsx";
import { NewRowsPill } from "#client/features/shell/new-rows-pill.tsx";
import { Screen } from "#client/features/shell/screen.tsx";
import { useLeadSearch } from "#client/features/shell/use-lead-search.ts";
import { LinkPanel } from "#client/features/unmatched/link-panel.tsx";
import { unmatchedColumns } from "#client/features/unmatched/unmatched-columns.tsx";
import { UnmatchedEmpty } from "#client/features/unmatched/unmatched-empty.tsx";
import { nameOf, rowLabel } from "#client/features/unmatched/words.ts";
import { useActions } from "#client/lib/actions.ts";
import { showWaiting } from "#client/lib/live/live.ts";
import { useMay, useWorkspace } from "#client/lib/session.ts";
import { trpc, trpcClient } from "#client/lib/trpc.ts";
import { useIsHere } from "#client/lib/use-is-here.ts";
import { useBookingLink } from "./use-booking-link.ts";
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
  const isHere = useIsHere();
  const { when, leadId, list, stable, rows, activeId, detail, change, open, ...unmatched } =
    useUnmatchedRows();
  const lead = useQuery({
    ...trpc.leads.get.queryOptions({ workspace: slug, leadId: leadId ?? "" }),
    enabled: leadId !== null,
  });
  const leadName = leadId === null ? null : (lead.data?.lead.name ?? "this lead");
  const search = useSearchBeside(slug, activeId);

  const link = useBookingLink({
    workspace: slug,
    onLeave: (id) => {
      const index = rows.findIndex((row) => row.id === id);
      const next = rows[index + 1] ?? rows[index - 1] ?? null;
      stable.remove(id);
      unmatched.openOther(next?.id);
      return next && nameOf(next);
    },
    onSettled: stable.settle,
    onRefused: stable.restore,
    onReturn: (id) => {
      stable.restore(id);
      // An undo from another screen brings the row back, not the person.
      if (!isHere.current) return;
      open(id);
      // The row is back in the table with the next frame.
      requestAnimationFrame(() => table.current?.focusRow(id));
    },
  });

  const go = (side: "ahead" | "over") =>
    change({ when: side === "ahead" ? undefined : side, cursor: undefined, booking: undefined });
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
          link: linkTo(id, leadId),
        }),
      )}
      bar={
        <>
          {leadName === null ? (
            <p className="text-xs text-ink-3 max-sm:hidden">
              Bookings that match no lead, or several. Nothing is linked by guess.
            </p>
          ) : (
            <>
              <p className="text-ink">Bookings that look like {leadName}’s</p>
              <Button size="sm" onClick={() => change({ lead: undefined, cursor: undefined })}>
                Show all bookings
              </Button>
            </>
          )}
          <span className="ml-auto flex items-center gap-3 text-xs text-ink-3">
            <NewRowsPill
              count={stable.newCount}
              group={GROUP}
              onShow={() => {
                showWaiting();
                stable.reset();
              }}
            />
            {list.data && (
              <span>
                as of <Time kind="moment" at={list.data.asOf} seconds />
              </span>
            )}
          </span>
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
        activeId !== null && (
          <LinkPanel
            booking={detail.data ?? null}
            name={rows.filter(({ id }) => id === activeId).map(nameOf)[0]}
            error={
              detail.error &&
              !detail.data && (
                <LoadFailure what="this booking" error={detail.error} onRetry={() => void detail.refetch()} />
              )
            }
            suggestions={unmatched.suggestions}
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
            leadName={leadName}
            onOther={() => go(when === "ahead" ? "over" : "ahead")}
            onAll={() => change({ lead: undefined, cursor: undefined })}
          />
        }
      />
    </Screen>
  );
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
function linkTo(when: "ahead" | "over", leadId: string | null): Tab["link"] {
  const search = { ...(when === "over" ? { when } : {}), ...(leadId === null ? {} : { lead: leadId }) };
  return { to: ".", search: search as object } as Tab["link"];
}
