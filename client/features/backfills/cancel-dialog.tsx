import { ActionButton, Button } from "#client/components/ui/button.tsx";
import { Dialog } from "#client/components/ui/dialog.tsx";
import { useActions } from "#client/lib/actions.ts";
import type { Run } from "./run.ts";
import { writeCount, writeUnits } from "./run-text.ts";

/** One sentence with what stays and what will not be read; there is no way back from a cancel. */
export function CancelDialog({
  run,
  isOpen,
  onConfirm,
  onClose,
}: {
  run: Run;
  isOpen: boolean;
  onConfirm: () => void;
  onClose: () => void;
}) {
  const left = run.slices.total - run.slices.done - run.slices.failed;
  const stays = run.dryRun
    ? "It is a dry run: nothing was written."
    : `${writeUnits(run, run.progress.processed)} read so far ${run.progress.processed === 1 ? "stays" : "stay"} ${run.mode === "lookup" ? "updated" : "imported"}.`;
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title={`Cancel backfill ${run.number}?`}
      description={`${stays} ${writeCount(left)} of ${writeCount(run.slices.total)} slices will not be read. A canceled run cannot be resumed; a pause can.`}
      footer={<Footer run={run} onConfirm={onConfirm} onClose={onClose} />}
    />
  );
}

/** Registers its key only while the dialog is open. */
function Footer({ run, onConfirm, onClose }: { run: Run; onConfirm: () => void; onClose: () => void }) {
  const [confirm] = useActions([
    {
      id: "run.cancel.confirm",
      label: `Cancel backfill ${run.number}`,
      keys: ["mod+enter"],
      scope: "dialog",
      group: "Backfill",
      run: onConfirm,
    },
  ]);
  return (
    <>
      <ActionButton action={confirm} variant="primary" />
      <Button onClick={onClose} keys="escape">
        Keep running
      </Button>
    </>
  );
}
