import { Link } from "@tanstack/react-router";
import { Banner } from "#client/components/ui/banner.tsx";
import { ActionButton } from "#client/components/ui/button.tsx";
import { ShapeMark } from "#client/components/ui/state-mark.tsx";
import { useNowMs } from "#client/lib/clock.ts";
import { useMyZone } from "#client/lib/preferences.ts";
import type { Run } from "./run.ts";
import { describeRun, type RunNotice } from "./run-text.ts";
import type { RunActions } from "./use-run-actions.ts";

/** What the run has to say, and the one step that helps. Ticks, since silences and waits grow. */
export function RunNoticeBox({ run, actions }: { run: Run; actions: RunActions }) {
  const nowMs = useNowMs(1000);
  const notice = describeRun(run, nowMs, useMyZone());
  if (!notice) return null;
  const remedy = <Remedy notice={notice} run={run} actions={actions} />;
  if (notice.tone === "doubt") {
    return (
      <Banner title={notice.title} action={remedy}>
        {notice.detail}
      </Banner>
    );
  }
  return (
    <div
      role="status"
      className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border border-rule bg-well px-4.5 py-3.5"
    >
      <ShapeMark
        shape={notice.tone === "proof" ? "check" : "clock"}
        className={notice.tone === "proof" ? "text-proof" : "text-ink-3"}
      />
      <div className="min-w-60 flex-1">
        <b className="font-semibold">{notice.title}</b>
        {notice.detail && <span className="block text-ink-2">{notice.detail}</span>}
      </div>
      {remedy}
    </div>
  );
}

function Remedy({ notice, run, actions }: { notice: RunNotice; run: Run; actions: RunActions }) {
  if (!notice.remedy || !actions.mayRun) return null;
  switch (notice.remedy) {
    case "resume":
      return <ActionButton action={actions.toggle} />;
    case "force-stop":
      return <ActionButton action={actions.forceStop} />;
    case "retry":
      return <ActionButton action={actions.retry} />;
    case "fix-connection": {
      const [only] = run.workspaces;
      return (
        <span className="flex flex-wrap gap-2">
          {only && (
            <Link
              to="/w/$workspace/connections"
              params={{ workspace: run.workspaces.length === 1 ? only.slug : "all" }}
              className="inline-flex h-8 items-center rounded-md border border-control/60 bg-sheet px-3 hover:bg-hover"
            >
              Fix connection
            </Link>
          )}
          <ActionButton action={actions.toggle} />
        </span>
      );
    }
    default:
      return notice.remedy satisfies never;
  }
}
