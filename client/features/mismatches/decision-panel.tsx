import { clsx } from "clsx";
import { useState } from "react";
import { DecisionGrid, Panel } from "#client/components/layout/panel.tsx";
import { Button, OutcomeButton } from "#client/components/ui/button.tsx";
import { SkeletonText } from "#client/components/ui/skeleton-rows.tsx";
import { type Action, useActions } from "#client/lib/actions.ts";
import { readNowMs } from "#client/lib/clock.ts";
import type { Decision, RouterInput } from "#client/lib/trpc.ts";
import { DECISIONS } from "#client/lib/vocabulary.ts";
import { Comparison } from "./comparison.tsx";
import {
  acceptedStatus,
  KEEP_REASONS,
  type KeepReason,
  type MismatchDetail,
  PROTECTED_REASONS,
  type ProtectedReason,
  suggestedFirst,
} from "./words.ts";

const GROUP = "Mismatches";
const DAY_MS = 86_400_000;

/** What the screen adds to it: workspace, lead and version. */
export type DecisionWords =
  | { decision: "accept"; reason?: ProtectedReason }
  | { decision: "keep"; reason: KeepReason }
  | {
      decision: "needs_info";
      until?: NonNullable<Extract<RouterInput["mismatches"]["decide"], { decision: "needs_info" }>["until"]>;
    };

type Question = "keep" | "needs_info" | "accept" | null;

/** The comparison with its decision bar: one key decides, or asks the one thing it needs to know first. */
export function DecisionPanel({
  mismatch,
  name,
  error,
  workspace,
  mayDecide,
  isRechecking,
  isBulk,
  onDecide,
  onLink,
  onRecheck,
  onClose,
}: {
  mismatch: MismatchDetail | null;
  /** As the row has it, while the rest is on its way. */
  name: string | undefined;
  /** Shown in place of the comparison. */
  error: React.ReactNode;
  workspace: string;
  mayDecide: boolean;
  isRechecking: boolean;
  /** Rows are selected: the keys speak for all of them, not for this lead. */
  isBulk: boolean;
  onDecide: (words: DecisionWords) => void;
  /** The bookings without a lead, to link one of them to this lead. */
  onLink: () => void;
  onRecheck: () => void;
  onClose: () => void;
}) {
  const [question, setQuestion] = useState<{ leadId: string; about: Question }>({ leadId: "", about: null });
  const asking = question.leadId === mismatch?.id ? question.about : null;
  const ask = (about: Question) => setQuestion({ leadId: mismatch?.id ?? "", about });
  const answer = (words: DecisionWords) => {
    ask(null);
    onDecide(words);
  };
  return (
    <Panel
      title={mismatch?.name ?? name ?? "Mismatch"}
      subtitle={mismatch && [mismatch.company, mismatch.email].filter(Boolean).join(" · ")}
      group={GROUP}
      closeLabel={asking ? "Back to the decisions" : "Close panel"}
      onClose={() => (asking ? ask(null) : onClose())}
      footer={
        mismatch &&
        mayDecide &&
        !isBulk &&
        (asking ? (
          <Questions about={asking} onAnswer={answer} onBack={() => ask(null)} />
        ) : (
          <Decisions
            mismatch={mismatch}
            isRechecking={isRechecking}
            onAsk={ask}
            onDecide={answer}
            onLink={onLink}
            onRecheck={onRecheck}
          />
        ))
      }
    >
      {error ||
        (mismatch ? (
          <Comparison mismatch={mismatch} workspace={workspace} />
        ) : (
          <div className="pt-5">
            <SkeletonText lines={10} />
          </div>
        ))}
    </Panel>
  );
}

function Decisions({
  mismatch,
  isRechecking,
  onAsk,
  onDecide,
  onLink,
  onRecheck,
}: {
  mismatch: MismatchDetail;
  isRechecking: boolean;
  onAsk: (about: Question) => void;
  onDecide: (words: DecisionWords) => void;
  onLink: () => void;
  onRecheck: () => void;
}) {
  const base = { scope: "panel", group: GROUP } as const;
  const isAboutAttendance = mismatch.kind === 5;
  const agrees = isAboutAttendance
    ? "Record on the lead’s page who came."
    : "Claim and evidence agree by now.";
  const isOpen = !isAboutAttendance && (mismatch.kind !== null || mismatch.isUnverified);
  const suggested = suggestedFirst(mismatch);
  const mark = (decision: Decision, text: string) => (suggested === decision ? `suggested · ${text}` : text);
  const actions = useActions([
    {
      ...base,
      id: "decide.accept",
      label: DECISIONS.accept.label,
      keys: ["1"],
      synonyms: ["believe", "fix"],
      enabled: mismatch.ifAccepted !== null,
      reason: mismatch.isUnverified ? "Nobody has checked since the claim." : agrees,
      effect: mismatch.isProtected
        ? "protected: asks why"
        : mark("accept", `status becomes ${acceptedStatus(mismatch.kind).toLowerCase()}`),
      run: () => (mismatch.isProtected ? onAsk("accept") : onDecide({ decision: "accept" })),
    },
    {
      ...base,
      id: "decide.keep",
      label: DECISIONS.keep.label,
      keys: ["2"],
      enabled: isOpen,
      reason: agrees,
      effect: mark("keep", "asks why"),
      run: () => onAsk("keep"),
    },
    {
      ...base,
      id: "decide.link",
      label: DECISIONS.link.label,
      keys: ["3"],
      synonyms: ["booking", "unmatched", "other e-mail"],
      enabled: isOpen,
      reason: agrees,
      effect: mark("link", "a booking without a lead"),
      run: onLink,
    },
    {
      ...base,
      id: "decide.recheck",
      label: isRechecking ? "Asking the providers…" : DECISIONS.recheck.label,
      keys: ["4"],
      synonyms: ["refresh", "look up"],
      enabled: !isRechecking,
      reason: "The providers are being asked.",
      effect: mark("recheck", "asks now"),
      run: onRecheck,
    },
    {
      ...base,
      id: "decide.needs-info",
      label: `${DECISIONS.needs_info.label}…`,
      keys: ["h"],
      synonyms: ["snooze", "later"],
      enabled: isOpen,
      reason: agrees,
      effect: mark("needs_info", "back on a date"),
      run: () => onAsk("needs_info"),
    },
  ]);
  return (
    <DecisionGrid>
      {actions.map((action) => (
        <OutcomeButton
          key={action.id}
          action={action}
          className={clsx(action.id === "decide.accept" && "col-span-2")}
        />
      ))}
    </DecisionGrid>
  );
}

const ASKS: Record<Exclude<Question, null>, string> = {
  keep: "Why does the conversation's label hold?",
  accept: "This status is protected. Why should it change?",
  needs_info: "When should it come back?",
};

function Questions({
  about,
  onAnswer,
  onBack,
}: {
  about: Exclude<Question, null>;
  onAnswer: (words: DecisionWords) => void;
  onBack: () => void;
}) {
  const actions = useActions(
    answersOf(about).map(
      ({ label, effect, words }, index): Action => ({
        id: `answer.${about}.${index + 1}`,
        label,
        effect,
        keys: [String(index + 1)],
        scope: "panel",
        group: GROUP,
        hidden: true,
        run: () => onAnswer(words()),
      }),
    ),
  );
  return (
    <div className="grid gap-2">
      <p role="status" className="flex items-center justify-between gap-3">
        {ASKS[about]}
        <Button size="sm" variant="quiet" keys="escape" onClick={onBack}>
          Back
        </Button>
      </p>
      <DecisionGrid>
        {actions.map((action) => (
          <OutcomeButton key={action.id} action={action} />
        ))}
      </DecisionGrid>
    </div>
  );
}

type Answer = { label: string; effect: string; words: () => DecisionWords };

function answersOf(about: Exclude<Question, null>): Answer[] {
  switch (about) {
    case "keep":
      // The keys of a constant record are its type's keys.
      return (Object.keys(KEEP_REASONS) as KeepReason[]).map((reason) => ({
        ...KEEP_REASONS[reason],
        words: () => ({ decision: "keep", reason }),
      }));
    case "accept":
      return (Object.keys(PROTECTED_REASONS) as ProtectedReason[]).map((reason) => ({
        ...PROTECTED_REASONS[reason],
        words: () => ({ decision: "accept", reason }),
      }));
    case "needs_info":
      return [
        { label: "On new evidence", effect: "no date", words: () => ({ decision: "needs_info" }) },
        ...[1, 3, 7].map((days) => ({
          label: days === 1 ? "Tomorrow" : `In ${days} days`,
          effect: "or on new evidence",
          words: (): DecisionWords => ({
            decision: "needs_info",
            until: new Date(readNowMs() + days * DAY_MS).toISOString(),
          }),
        })),
      ];
    default:
      return about satisfies never;
  }
}
