import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ActionButton, Button } from "#client/components/ui/button.tsx";
import { Sheet } from "#client/components/ui/dialog.tsx";
import { useActions } from "#client/lib/actions.ts";
import { readNowMs } from "#client/lib/clock.ts";
import { queryClient, readError, trpc } from "#client/lib/trpc.ts";
import { EstimateLines } from "./estimate-lines.tsx";
import type { RunEstimate, RunSource } from "./run.ts";
import { StartFields } from "./start-fields.tsx";
import { connectedProviders, createForm, type StartForm, targetOf, writeStartButton } from "./start-form.ts";

type StartSheetProps = {
  workspace: string;
  sources: readonly RunSource[];
  given: { from?: string | undefined; to?: string | undefined };
  onClose: () => void;
  onStarted: (run: { id: string; number: number; existed: boolean }) => void;
};

/** Four prefilled fields, what they cost, and one button with the number on it. */
export function StartSheet({ workspace, sources, given, onClose, onStarted }: StartSheetProps) {
  const [form, setForm] = useState(() => createForm(readNowMs(), given));
  const connected = connectedProviders(sources, form.workspaceId);
  const target = targetOf(form, connected);
  // Asks the providers, so it follows the form without holding it up and shows the last answer meanwhile.
  const estimate = useQuery({
    ...trpc.backfills.estimate.queryOptions({
      workspace,
      ...(target ?? { providers: ["calendly"], from: form.firstDay, to: form.lastDay, mode: form.way }),
    }),
    enabled: target !== null,
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });
  const start = useMutation(
    trpc.backfills.start.mutationOptions({
      onSuccess: (run) => {
        void queryClient.invalidateQueries(trpc.backfills.pathFilter());
        onStarted(run);
      },
    }),
  );
  const submit = () => {
    if (!target || start.isPending) return;
    start.mutate({
      workspace,
      ...target,
      dryRun: form.mode === "dry",
      skipSideEffects: form.evidenceOnly,
      note: form.note || null,
    });
  };
  const shown = target ? estimate.data : undefined;
  return (
    <Sheet
      isOpen
      onClose={onClose}
      title="Start a backfill"
      description="Reads day by day, newest first. It stops and resumes at any page."
      footer={
        <Footer
          form={form}
          // The number on the button is of what it starts, never of what the form said a moment ago.
          estimate={estimate.isPlaceholderData ? undefined : shown}
          isReady={target !== null}
          isBusy={start.isPending}
          onSubmit={submit}
          onClose={onClose}
        />
      }
    >
      <form
        className="grid gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <StartFields form={form} onChange={setForm} sources={sources} connected={connected} />
        <EstimateLines
          workspace={workspace}
          target={target}
          estimate={shown}
          error={estimate.error}
          isAsking={estimate.isFetching}
          onNarrow={(range) => setForm({ ...form, preset: "custom", ...range })}
        />
        {start.error && (
          <p role="alert" className="text-doubt">
            Not started: {readError(start.error).message}
          </p>
        )}
      </form>
    </Sheet>
  );
}

/** Registers its key only while the sheet is open. */
function Footer({
  form,
  estimate,
  isReady,
  isBusy,
  onSubmit,
  onClose,
}: {
  form: StartForm;
  estimate: RunEstimate | undefined;
  isReady: boolean;
  isBusy: boolean;
  onSubmit: () => void;
  onClose: () => void;
}) {
  const [start] = useActions([
    {
      id: "backfill.start.confirm",
      label: writeStartButton(form.mode, estimate),
      keys: ["mod+enter"],
      scope: "dialog",
      group: "Backfills",
      enabled: isReady,
      reason: "Choose a connected source and a range.",
      run: onSubmit,
    },
  ]);
  return (
    <>
      <ActionButton action={start} variant="primary" isBusy={isBusy} />
      <Button onClick={onClose} keys="escape">
        Close
      </Button>
    </>
  );
}
