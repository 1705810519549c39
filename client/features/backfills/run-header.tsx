import { ActionButton } from "#client/components/ui/button.tsx";
import { readNowMs } from "#client/lib/clock.ts";
import { isEnded, type Run } from "./run.ts";
import { writeRange, writeSource } from "./run-text.ts";
import type { RunActions } from "./use-run-actions.ts";

export function RunSubtitle({ run }: { run: Run }) {
  const [only, ...others] = run.workspaces;
  const scope = others.length > 0 ? `${run.workspaces.length} workspaces` : only?.name;
  return <>{[writeSource(run), writeRange(run, readNowMs()), scope].filter(Boolean).join(" · ")}</>;
}

/** Pause or resume, and cancel; gone once there is nothing left to steer. */
export function RunButtons({ run, actions }: { run: Run; actions: RunActions }) {
  if (!actions.mayRun || isEnded(run)) return null;
  return (
    <>
      <ActionButton action={actions.toggle} isBusy={actions.isBusy} className="max-sm:h-7 max-sm:px-2" />
      <ActionButton action={actions.cancel} className="max-sm:h-7 max-sm:px-2" />
    </>
  );
}
