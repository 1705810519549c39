import { Time } from "#client/components/ui/time.tsx";
import type { Outcome, RedTask, TaskPanelFacts } from "./red-queue-types.ts";
import { outcomeWord } from "./words.ts";

/** Who did what on this task, newest first, down to how it came about. */
export function TaskHistory({ task, audit }: { task: RedTask; audit: TaskPanelFacts["audit"] }) {
  return (
    <ul className="grid gap-1 text-ink-2">
      {audit.map((entry) => (
        <li key={entry.id}>
          {entry.actorName ?? "Bookproof"} {describeAct(entry)}{" "}
          <Time kind="age" at={entry.at} className="text-xs text-ink-3" />
        </li>
      ))}
      <li>
        Opened by evidence <Time kind="age" at={task.createdAt} className="text-xs text-ink-3" />
      </li>
    </ul>
  );
}

function describeAct({ verb, outcome }: TaskPanelFacts["audit"][number]): string {
  switch (verb) {
    case "task_claimed":
      return "claimed it";
    case "task_released":
      return "released it";
    case "task_outcome_logged":
      // The audit keeps the outcome's own word.
      return `logged “${outcomeWord((outcome ?? "no_answer") as Outcome)}”`;
    case "task_outcome_undone":
      return "took the outcome back";
    case "task_confirmed_by_evidence":
      return "had it checked: booked already";
    default:
      return verb.replaceAll("_", " ");
  }
}
