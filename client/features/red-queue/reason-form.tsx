import { useEffect, useRef } from "react";
import { DecisionGrid } from "#client/components/layout/panel.tsx";
import { ActionButton, OutcomeButton } from "#client/components/ui/button.tsx";
import { type Action, useActions } from "#client/lib/actions.ts";
import type { NotInterestedReason } from "./red-queue-types.ts";
import { GROUP, REASONS } from "./words.ts";

/** Why they are not interested: one of five, by its digit. */
export function ReasonForm({
  onLog,
  onCancel,
}: {
  onLog: (reason: NotInterestedReason) => void;
  onCancel: () => void;
}) {
  const heading = useRef<HTMLParagraphElement>(null);
  useEffect(() => heading.current?.focus(), []);
  // The keys of a constant object are its type's keys.
  const reasons = Object.keys(REASONS) as NotInterestedReason[];
  const actions: Action[] = reasons.map((reason, index) => ({
    id: `reason.${reason}`,
    label: REASONS[reason],
    keys: [String(index + 1)],
    scope: "panel",
    group: GROUP,
    hidden: true,
    run: () => onLog(reason),
  }));
  const choices = useActions(actions);
  const [cancel] = useActions([
    {
      id: "reason.cancel",
      label: "Back",
      keys: ["escape"],
      scope: "panel",
      group: GROUP,
      hidden: true,
      run: onCancel,
    },
  ]);
  return (
    <fieldset className="grid gap-2">
      <div className="flex items-center justify-between gap-3">
        <p ref={heading} tabIndex={-1} className="font-medium outline-none">
          Not interested: why?
        </p>
        <ActionButton action={cancel} size="sm" variant="quiet" />
      </div>
      <DecisionGrid>
        {choices.map((action) => (
          <OutcomeButton key={action.id} action={action} />
        ))}
      </DecisionGrid>
    </fieldset>
  );
}
