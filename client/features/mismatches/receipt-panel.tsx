import { Link } from "@tanstack/react-router";
import { Panel } from "#client/components/layout/panel.tsx";
import { ActionButton } from "#client/components/ui/button.tsx";
import { BigFact, Section } from "#client/components/ui/facts.tsx";
import { SkeletonText } from "#client/components/ui/skeleton-rows.tsx";
import { StateMark } from "#client/components/ui/state-mark.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { useActions } from "#client/lib/actions.ts";
import { readNowMs } from "#client/lib/clock.ts";
import { LEAD_STATUSES, SENTIMENTS } from "#client/lib/vocabulary.ts";
import { receiptState } from "./receipt-columns.tsx";
import { countOf, DECIDED, describeProblem, type ReceiptDetail } from "./words.ts";

const GROUP = "Mismatches";

/** What was decided, lead by lead, and the way back while there is one. */
export function ReceiptPanel({
  receipt,
  error,
  workspace,
  mayUndo,
  isUndoing,
  onUndo,
  onClose,
}: {
  receipt: ReceiptDetail | null;
  error: React.ReactNode;
  workspace: string;
  mayUndo: boolean;
  isUndoing: boolean;
  onUndo: () => void;
  onClose: () => void;
}) {
  const refusal = receipt && whyNot(receipt, mayUndo);
  const [undo] = useActions([
    {
      id: "receipt.undo",
      label: receipt?.lead
        ? `Undo for ${receipt.lead.name}`
        : `Undo for ${countOf(receipt?.applied ?? 0, "lead")}`,
      scope: "panel",
      group: GROUP,
      enabled: receipt !== null && refusal === null && !isUndoing,
      reason: refusal ?? "The undo is under way.",
      run: onUndo,
    },
  ]);
  return (
    <Panel
      title={receipt ? DECIDED[receipt.decision] : "Receipt"}
      subtitle={
        receipt && (
          <>
            {receipt.actor.name ?? "Bookproof"}, <Time kind="moment" at={receipt.at} />
          </>
        )
      }
      group={GROUP}
      onClose={onClose}
      footer={
        receipt && (
          <div className="grid gap-2">
            <ActionButton action={undo} isBusy={isUndoing} />
            <p role="status" className="text-xs text-ink-3">
              {refusal ?? (
                <>
                  Undo possible until <Time kind="moment" at={receipt.undoUntil} />.
                </>
              )}
            </p>
          </div>
        )
      }
    >
      {error ||
        (receipt ? (
          <Contents receipt={receipt} workspace={workspace} />
        ) : (
          <div className="pt-5">
            <SkeletonText lines={8} />
          </div>
        ))}
    </Panel>
  );
}

function whyNot(receipt: ReceiptDetail, mayUndo: boolean): string | null {
  if (receipt.state === "undone") return receipt.undoneBy ? `Undone by ${receipt.undoneBy}.` : "Undone.";
  if (receipt.state === "undoing") return "The undo is under way.";
  if (receipt.state === "applying") return "Still being applied.";
  if (new Date(receipt.undoUntil).getTime() <= readNowMs()) return "Its 24 hours are over.";
  return mayUndo ? null : "Only its author, an ops lead or an owner can undo this.";
}

function Contents({ receipt, workspace }: { receipt: ReceiptDetail; workspace: string }) {
  const state = receiptState(receipt);
  const shown = receipt.items.length;
  const all = receipt.applied + receipt.failed;
  return (
    <>
      <Section title="What happened">
        <StateMark shape={state.shape} tone={state.tone}>
          {state.label}
        </StateMark>
        <BigFact count={receipt.applied}>{receipt.applied === 1 ? "lead changed" : "leads changed"}</BigFact>
        {receipt.failed > 0 && (
          <BigFact count={receipt.failed} tone="doubt">
            not: they changed between preview and decision
          </BigFact>
        )}
        {receipt.leftOut.map((each) => (
          <BigFact key={`${each.outcome} ${each.reason}`} count={each.count} tone="quiet">
            {each.outcome === "no_change"
              ? "matched already"
              : `left out: ${describeProblem(each.reason ?? "")}`}
          </BigFact>
        ))}
        {receipt.restored !== null && (
          <BigFact count={receipt.restored}>restored{receipt.undoneBy && ` by ${receipt.undoneBy}`}</BigFact>
        )}
        {receipt.kept.map((each) => (
          <BigFact key={each.reason} count={each.count} tone="doubt">
            kept: {describeProblem(each.reason)}
          </BigFact>
        ))}
      </Section>
      <Section title="Leads" aside={shown < all ? `first ${shown} of ${all.toLocaleString("en-US")}` : null}>
        <ul className="grid gap-2">
          {receipt.items.map((item) => (
            <li key={item.leadId}>
              <Link
                to="/w/$workspace/leads/$leadId"
                params={{ workspace, leadId: item.leadId }}
                className="inline-flex min-h-6 items-center font-medium hover:underline"
              >
                {item.name}
              </Link>
              <span className="block text-xs text-ink-2">{describeChange(item)}</span>
            </li>
          ))}
        </ul>
      </Section>
    </>
  );
}

function describeChange({ before, after, problem, changedBy }: ReceiptDetail["items"][number]): string {
  if (problem) return `${describeProblem(problem)}${changedBy ? ` by ${changedBy}` : ""}`;
  if (!before || !after) return "waiting";
  const parts = [
    ...(before.status === after.status
      ? []
      : [
          `status ${LEAD_STATUSES[before.status].label.toLowerCase()} → ${LEAD_STATUSES[after.status].label.toLowerCase()}`,
        ]),
    ...(before.sentiment === after.sentiment
      ? []
      : [`conversation ${SENTIMENTS[before.sentiment].label} → ${SENTIMENTS[after.sentiment].label}`]),
  ];
  return parts.length > 0 ? parts.join(" · ") : "label kept";
}
