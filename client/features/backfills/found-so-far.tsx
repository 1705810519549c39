import { Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import type { ReactNode } from "react";
import { Card } from "#client/components/ui/facts.tsx";
import { isEnded, type Run } from "./run.ts";
import { writeCount } from "./run-text.ts";

/** What the run did, without what it did not; each figure a way to the list it is about. A run over several workspaces has no one list. */
export function FoundSoFar({ run }: { run: Run }) {
  const { effects } = run;
  const [only, ...others] = run.workspaces;
  const workspace = only && others.length === 0 && !run.dryRun ? only.slug : null;
  const nothing = Object.values(effects).every((count) => count === 0);
  return (
    <Card
      title={run.dryRun ? "Would be found" : isEnded(run) ? "Found" : "Found so far"}
      className="content-start"
    >
      {nothing ? (
        <p className="py-2 text-ink-2">
          {run.progress.processed === 0 ? "Nothing yet." : "Nothing new: everything read so far was known."}
        </p>
      ) : (
        <ul>
          <Effect count={effects.appointmentsAdded} workspace={workspace} to="leads">
            {effects.appointmentsAdded === 1 ? "meeting" : "meetings"} nobody had recorded
          </Effect>
          <Effect count={effects.appointmentsUpdated} workspace={workspace} to="leads">
            {effects.appointmentsUpdated === 1 ? "meeting" : "meetings"} brought up to date
          </Effect>
          <Effect count={effects.redCreated} workspace={workspace} to="red-queue" isLost>
            {effects.redCreated === 1 ? "red task" : "red tasks"} created
          </Effect>
          <Effect count={effects.redClosed} workspace={workspace} to="red-queue">
            {effects.redClosed === 1 ? "red task" : "red tasks"} closed
          </Effect>
          <Effect count={effects.mismatchesOpened} workspace={workspace} to="mismatches">
            {effects.mismatchesOpened === 1 ? "mismatch" : "mismatches"} opened
          </Effect>
          <Effect count={effects.mismatchesClosed} workspace={workspace} to="mismatches">
            {effects.mismatchesClosed === 1 ? "mismatch" : "mismatches"} closed
          </Effect>
          <Effect count={effects.unmatched} workspace={null} to="leads">
            {effects.unmatched === 1 ? "booking" : "bookings"} of nobody we know
          </Effect>
          <Effect count={effects.vanished} workspace={workspace} to="mismatches">
            {effects.vanished === 1 ? "meeting" : "meetings"} the provider no longer knows
          </Effect>
        </ul>
      )}
    </Card>
  );
}

function Effect({
  count,
  workspace,
  to,
  isLost = false,
  children,
}: {
  count: number;
  workspace: string | null;
  to: "leads" | "red-queue" | "mismatches";
  isLost?: boolean;
  children: ReactNode;
}) {
  if (count === 0) return null;
  const line = (
    <>
      <b
        className={clsx(
          "min-w-14 text-right text-xl font-semibold tracking-tight",
          isLost ? "text-lost" : "text-ink",
        )}
      >
        {writeCount(count)}
      </b>
      <span className="text-ink-2">{children}</span>
    </>
  );
  return (
    <li>
      {workspace ? (
        <Link
          to={`/w/$workspace/${to}`}
          params={{ workspace }}
          className="flex items-baseline gap-2.5 rounded-sm py-1 hover:bg-hover"
        >
          {line}
        </Link>
      ) : (
        <p className="flex items-baseline gap-2.5 py-1">{line}</p>
      )}
    </li>
  );
}
