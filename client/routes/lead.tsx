import { useMutation, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { Page } from "#client/components/layout/page.tsx";
import { ActionButton } from "#client/components/ui/button.tsx";
import { EmptyState } from "#client/components/ui/empty-state.tsx";
import { Card } from "#client/components/ui/facts.tsx";
import { SkeletonText } from "#client/components/ui/skeleton-rows.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { EvidenceTimeline } from "#client/features/leads/evidence-timeline.tsx";
import { Explanation } from "#client/features/leads/explanation.tsx";
import { LeadFacts, LeadSequences, LeadTasks } from "#client/features/leads/lead-facts.tsx";
import type { LeadPageFacts } from "#client/features/leads/lead-types.ts";
import { type Mark, MeetingList } from "#client/features/leads/meeting-list.tsx";
import { LoadFailure } from "#client/features/shell/load-failure.tsx";
import { Screen } from "#client/features/shell/screen.tsx";
import { useActions } from "#client/lib/actions.ts";
import { useLive } from "#client/lib/live/live.ts";
import { useRefresh } from "#client/lib/live/use-refresh.ts";
import { useMay, useWorkspace } from "#client/lib/session.ts";
import { showErrorToast, showToast } from "#client/lib/toasts.ts";
import { readError, trpc } from "#client/lib/trpc.ts";

const route = getRouteApi("/w/$workspace/leads/$leadId");

export function LeadScreen() {
  const { slug, zone } = useWorkspace();
  const { leadId } = route.useParams();
  const query = trpc.leads.get.queryOptions({ workspace: slug, leadId });
  const lead = useQuery(query);
  const refresh = useRefresh(trpc.leads.get.queryFilter({ workspace: slug, leadId }));
  useLive(["lead", "task"], ({ kind, ids }) => {
    const isOwn =
      kind === "lead" ? ids.includes(leadId) : lead.data?.tasks.some(({ id }) => ids.includes(id));
    if (isOwn) refresh();
  });
  const check = useCheck(slug, leadId, lead.data?.lead.name ?? "this lead", refresh);
  const name = lead.data?.lead.name ?? "Lead";
  const isMissing = !lead.data && lead.error !== null && readError(lead.error).code === "not_found";
  return (
    <Screen
      title={name}
      subtitle={lead.data?.lead.company}
      bar={
        isMissing ? undefined : (
          <>
            <ActionButton action={check.action} isBusy={check.isBusy} />
            <p className="text-xs text-ink-3">
              {lead.data?.lastCheckedAt ? (
                <>
                  All calendars checked <Time kind="age" at={lead.data.lastCheckedAt} />
                </>
              ) : (
                lead.data && "Not every calendar has been checked yet"
              )}
            </p>
          </>
        )
      }
    >
      {lead.data ? (
        <LeadPage facts={lead.data} slug={slug} workspaceZone={zone ?? "UTC"} onChanged={refresh} />
      ) : isMissing ? (
        <EmptyState title="There is no such lead here.">
          It was removed, belongs to another workspace, or is not yours to see.
        </EmptyState>
      ) : lead.error ? (
        <LoadFailure what="this lead" error={lead.error} onRetry={() => void lead.refetch()} />
      ) : (
        <Page>
          <SkeletonText lines={8} />
        </Page>
      )}
    </Screen>
  );
}

function LeadPage({
  facts,
  slug,
  workspaceZone,
  onChanged,
}: {
  facts: LeadPageFacts;
  slug: string;
  workspaceZone: string;
  onChanged: () => void;
}) {
  const { lead, appointments } = facts;
  const seesSequences = useMay("sequences.see");
  const numbers = useMemo(
    () => new Map(appointments.map(({ id }, index) => [id, index + 1])),
    [appointments],
  );
  const numberOf = (id: string) => numbers.get(id) ?? null;
  const attendance = useAttendance(slug, onChanged);
  const zones = { zone: lead.timezone, workspaceZone };
  return (
    <Page>
      <Explanation explanation={facts.explanation} numberOf={numberOf} {...zones} />
      <div className="grid items-start gap-5 lg:grid-cols-[1fr_20rem]">
        <div className="grid min-w-0 gap-5">
          <Card title="Meetings at the providers" aside={appointments.length > 0 && `${appointments.length}`}>
            <MeetingList
              meetings={appointments}
              primaryId={lead.primaryId}
              numberOf={numberOf}
              savingId={attendance.savingId}
              onMark={attendance.mark}
              {...zones}
            />
          </Card>
          <Card title="History">
            <EvidenceTimeline label="History" entries={facts.timeline} showsAsOf {...zones} />
          </Card>
        </div>
        <div className="grid min-w-0 gap-5">
          <LeadFacts lead={lead} workspaceZone={workspaceZone} />
          <LeadTasks tasks={facts.tasks} slug={slug} />
          {seesSequences && <LeadSequences instances={facts.instances} />}
        </div>
      </div>
    </Page>
  );
}

/** Asks every connected calendar about this lead, before anything that waits in line. */
function useCheck(slug: string, leadId: string, name: string, onChanged: () => void) {
  const check = useMutation({
    ...trpc.leads.checkNow.mutationOptions(),
    onSuccess: ({ calls, changed }) => {
      onChanged();
      showToast(`Checked the providers for ${name}.`, {
        description:
          changed === 0
            ? `Nothing new. ${calls === 1 ? "1 call" : `${calls} calls`}.`
            : `${changed === 1 ? "1 meeting" : `${changed} meetings`} changed.`,
      });
    },
    onError: (error) => {
      showErrorToast(`Not checked: ${name}.`, {
        description: `${readError(error).message} What is shown is as old as it says.`,
        action: { label: "Retry", run: () => check.mutate({ workspace: slug, leadId }) },
      });
    },
  });
  const [action] = useActions([
    {
      id: "lead.check",
      label: "Check providers now",
      scope: "global",
      group: "Lead",
      synonyms: ["lookup", "refresh", "recheck"],
      enabled: !check.isPending,
      reason: "The providers are being asked.",
      run: () => check.mutate({ workspace: slug, leadId }),
    },
  ]);
  return { action, isBusy: check.isPending };
}

function useAttendance(slug: string, onChanged: () => void) {
  const save = useMutation({
    ...trpc.leads.setAttendance.mutationOptions(),
    onSuccess: onChanged,
    onError: (error) => showErrorToast("Not marked.", { description: readError(error).message }),
  });
  return {
    savingId: save.isPending ? save.variables.appointmentId : null,
    mark: (appointmentId: string, mark: Mark) => save.mutate({ workspace: slug, appointmentId, mark }),
  };
}
