import { useState } from "react";
import { DecisionGrid } from "#client/components/layout/panel.tsx";
import { OutcomeButton } from "#client/components/ui/button.tsx";
import { type Action, useActions } from "#client/lib/actions.ts";
import { definePart, usePart } from "#client/lib/part.ts";
import { TASK_OUTCOMES } from "#client/lib/vocabulary.ts";
import { ReasonForm } from "./reason-form.tsx";
import type { Outcome, RedTask, TaskPanelFacts } from "./red-queue-types.ts";
import { useKeptFocus } from "./use-kept-focus.ts";
import type { OutcomeDetails } from "./use-outcomes.ts";
import { describeEffect, GROUP, outcomeLabel } from "./words.ts";

const BAR: Record<RedTask["red"], readonly Outcome[]> = {
  lost: [
    "rebooked",
    "no_answer",
    "left_voicemail",
    "call_back",
    "not_interested",
    "bad_contact",
    "already_booked",
  ],
  moved: ["looked_at"],
};

const callBackPart = definePart(async () => (await import("./call-back-form.tsx")).CallBackForm);

type OutcomeBarProps = {
  task: RedTask;
  /** What each outcome would do; absent while the panel's facts are on their way. */
  effects: TaskPanelFacts["effects"] | undefined;
  zone: string;
  isGuessedZone: boolean;
  /** Why nothing can be logged now; null when it can. */
  blocked: string | null;
  onOutcome: (outcome: Outcome, details?: OutcomeDetails) => void;
};

/** Keys 1 to 7, each with its stated effect. Two of them ask one thing more, in the place of the bar. */
export function OutcomeBar(props: OutcomeBarProps) {
  const { task, blocked, onOutcome } = props;
  const [asking, setAsking] = useState<{ taskId: string; question: "time" | "reason" } | null>(null);
  useKeptFocus();
  const question = asking?.taskId === task.id && blocked === null ? asking.question : null;
  // The bar stays until the form's code is here.
  const CallBackForm = usePart(callBackPart, question === "time");
  const close = () => setAsking(null);
  if (question === "time" && CallBackForm) {
    const log = (at: string) => {
      close();
      onOutcome("call_back", { at });
    };
    return (
      <CallBackForm zone={props.zone} isGuessedZone={props.isGuessedZone} onLog={log} onCancel={close} />
    );
  }
  if (question === "reason") {
    return (
      <ReasonForm
        onLog={(reason) => {
          close();
          onOutcome("not_interested", { reason });
        }}
        onCancel={close}
      />
    );
  }
  return <OutcomeButtons {...props} onAsk={(asked) => setAsking({ taskId: task.id, question: asked })} />;
}

function OutcomeButtons({
  task,
  effects,
  blocked,
  onOutcome,
  onAsk,
}: OutcomeBarProps & { onAsk: (question: "time" | "reason") => void }) {
  const actions: Action[] = BAR[task.red].map((outcome, index) => {
    const effect = effects?.find((each) => each.outcome === outcome)?.effect;
    return {
      id: `outcome.${outcome}`,
      label: outcomeLabel(outcome),
      keys: [String(index + 1)],
      scope: "panel",
      group: GROUP,
      ...(effect ? { effect: describeEffect(outcome, effect, task.attemptLimit) } : {}),
      ...(outcome === "looked_at" ? {} : { synonyms: TASK_OUTCOMES[outcome].synonyms ?? [] }),
      enabled: blocked === null,
      ...(blocked === null ? {} : { reason: blocked }),
      run: () => {
        if (outcome === "call_back") onAsk("time");
        else if (outcome === "not_interested") onAsk("reason");
        else onOutcome(outcome);
      },
    };
  });
  const bar = useActions(actions);
  return (
    <DecisionGrid>
      {bar.map((action, index) => (
        <OutcomeButton
          key={action.id}
          action={action}
          {...(index === bar.length - 1 && index % 2 === 0 ? { className: "col-span-2" } : {})}
        />
      ))}
    </DecisionGrid>
  );
}
