import { useState } from "react";
import { Panel } from "#client/components/layout/panel.tsx";
import { ActionButton, Button } from "#client/components/ui/button.tsx";
import { BigFact, Facts, Section } from "#client/components/ui/facts.tsx";
import { Field, Input } from "#client/components/ui/field.tsx";
import { SkeletonText } from "#client/components/ui/skeleton-rows.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { Timeline, TimelineItem } from "#client/components/ui/timeline.tsx";
import { useActions } from "#client/lib/actions.ts";
import type { ListTab } from "./tabs.ts";
import { acceptedStatus, countOf, describeProblem, type Preview } from "./words.ts";

const GROUP = "Mismatches";
const TYPED_COUNT_ABOVE = 5_000;

/** What accepting would do, frozen: every number is a count of leads, and the button carries the one that changes. */
export function PreviewPanel({
  preview,
  tab,
  newer,
  error,
  isCommitting,
  cannotCommit,
  onCommit,
  onRecheck,
  onClose,
}: {
  preview: Preview | null;
  tab: ListTab;
  newer: number;
  error: React.ReactNode;
  isCommitting: boolean;
  /** Why nothing can be committed right now; null when it can. */
  cannotCommit: string | null;
  onCommit: (confirmCount: number | undefined) => void;
  onRecheck: () => void;
  onClose: () => void;
}) {
  const [typed, setTyped] = useState("");
  const count = preview?.willChange ?? 0;
  const needsCount = count > TYPED_COUNT_ABOVE;
  const isTyped = !needsCount || Number(typed.replace(/\D/g, "")) === count;
  const refusal =
    cannotCommit ??
    (count === 0 ? "No lead would change." : isTyped ? null : "Type the number of leads first.");
  const [commit, cancel] = useActions([
    {
      id: "preview.commit",
      label: `Accept for ${countOf(count, "lead")}`,
      keys: ["mod+enter"],
      scope: "panel",
      group: GROUP,
      enabled: preview !== null && refusal === null && !isCommitting,
      reason: refusal ?? "The preview is being made.",
      run: () => onCommit(needsCount ? count : undefined),
    },
    {
      id: "preview.cancel",
      label: "Cancel",
      keys: ["escape"],
      scope: "panel",
      group: GROUP,
      hidden: true,
      run: onClose,
    },
  ]);
  return (
    <Panel
      title="Accept provider evidence"
      subtitle={
        preview && (
          <>
            Frozen at <Time kind="moment" at={preview.frozenAt} seconds />
            {newer > 0 && ` · ${countOf(newer, "newer mismatch", "newer mismatches")} not included`}
          </>
        )
      }
      group={GROUP}
      closeLabel="Cancel"
      takesFocus
      onClose={onClose}
      footer={
        preview && (
          <div className="grid gap-2">
            {needsCount && (
              <Field label={`Type ${count.toLocaleString("en-US")} to confirm`}>
                <Input inputMode="numeric" value={typed} onValueChange={(value: string) => setTyped(value)} />
              </Field>
            )}
            <div className="grid grid-cols-[1fr_auto] gap-2">
              <ActionButton action={commit} variant="primary" isBusy={isCommitting} />
              <ActionButton action={cancel} />
            </div>
            <p role="status" className="text-xs text-ink-3">
              {refusal ?? "Undo possible for 24 h, from the receipt."}
            </p>
          </div>
        )
      }
    >
      {error || (preview ? <Announced preview={preview} tab={tab} onRecheck={onRecheck} /> : <Waiting />)}
    </Panel>
  );
}

function Waiting() {
  return (
    <div className="pt-5">
      <p role="status" className="sr-only">
        Counting what would change.
      </p>
      <SkeletonText lines={8} />
    </div>
  );
}

function Announced({ preview, tab, onRecheck }: { preview: Preview; tab: ListTab; onRecheck: () => void }) {
  const kind = Number(tab);
  const stale = preview.skipped.filter((each) => each.reason !== "decided_meanwhile");
  return (
    <>
      <Section title={`${countOf(preview.total, "lead")} looked at`}>
        <BigFact count={preview.willChange}>
          will change{kind >= 1 && kind <= 4 && <>: status becomes {acceptedStatus(kind).toLowerCase()}</>}
        </BigFact>
        {preview.noChange > 0 && (
          <BigFact count={preview.noChange} tone="quiet">
            already match, no change
          </BigFact>
        )}
        {stale.map((each) => (
          <BigFact key={each.reason} count={each.count} tone="doubt">
            skipped: {describeProblem(each.reason)}{" "}
            <Button size="sm" variant="quiet" className="text-accent" onClick={onRecheck}>
              Re-check {each.count.toLocaleString("en-US")} now
            </Button>
          </BigFact>
        ))}
        {preview.heldBack > 0 && (
          <BigFact count={preview.heldBack} tone="quiet">
            held back: protected status, one at a time only
          </BigFact>
        )}
        {preview.skipped
          .filter((each) => each.reason === "decided_meanwhile")
          .map((each) => (
            <BigFact key={each.reason} count={each.count} tone="quiet">
              skipped: {each.by.join(", ") || "somebody"} decided {each.count === 1 ? "it" : "them"} since you
              looked
            </BigFact>
          ))}
      </Section>
      <Section title="And then">
        <Facts
          facts={[
            {
              label: "Red tasks",
              value: preview.redTasks > 0 ? `${countOf(preview.redTasks, "task")} created` : "none",
            },
            {
              label: "Sequences",
              value:
                [
                  preview.sequencesStopped > 0
                    ? `${preview.sequencesStopped.toLocaleString("en-US")} stop`
                    : "",
                  preview.sequencesStarted > 0
                    ? `${preview.sequencesStarted.toLocaleString("en-US")} start`
                    : "",
                  preview.mayEnrolAgain > 0
                    ? `${countOf(preview.mayEnrolAgain, "lead")} may be enrolled again`
                    : "",
                ]
                  .filter(Boolean)
                  .join(" · ") || "none",
            },
          ]}
        />
      </Section>
      {preview.sample.length > 0 && (
        <Section
          title={`${preview.sample.length} of ${preview.willChange.toLocaleString("en-US")}, picked at random`}
        >
          <Timeline label="Sample of leads that will change">
            {preview.sample.map((lead) => (
              <TimelineItem
                key={lead.leadId}
                dot={lead.lostAt ? "lost" : lead.meetingState === "none" ? "neutral" : "proof"}
                title={lead.name}
                meta={<SampleEvidence lead={lead} />}
              />
            ))}
          </Timeline>
        </Section>
      )}
    </>
  );
}

function SampleEvidence({ lead }: { lead: Preview["sample"][number] }) {
  const by =
    lead.canceledByType === "host" ? " by host" : lead.canceledByType === "invitee" ? " by lead" : "";
  switch (lead.meetingState) {
    case "none":
      return "no meeting at any provider";
    case "booked":
      return "meeting ahead";
    case "held":
      return "meeting held";
    case "canceled":
    case "no_show":
    case "vanished":
      return (
        <>
          {lead.meetingState === "no_show" ? "no-show" : lead.meetingState}
          {lead.meetingState === "canceled" && by}
          {lead.lostAt && (
            <>
              , <Time kind="moment" at={lead.lostAt} />
            </>
          )}
        </>
      );
    default:
      return lead.meetingState satisfies never;
  }
}
