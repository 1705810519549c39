import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { useActionKeys } from "#client/lib/actions.ts";
import { buildRedTask } from "./build-red-task.ts";
import { OutcomeBar } from "./outcome-bar.tsx";
import type { RedTask } from "./red-queue-types.ts";

afterEach(cleanup);

function Desk({
  task = buildRedTask(),
  blocked = null,
  onOutcome,
}: {
  task?: RedTask;
  blocked?: string | null;
  onOutcome: (...args: unknown[]) => void;
}) {
  useActionKeys();
  return (
    <aside data-action-scope="panel">
      <h2 id="panel-title" tabIndex={-1}>
        {task.lead.name}
      </h2>
      <OutcomeBar
        task={task}
        effects={[
          {
            outcome: "no_answer",
            effect: {
              effect: "returns",
              at: "2026-03-10T17:00:00.000Z",
              afterMs: 7_200_000,
              attempt: 3,
              awaitsEvidence: false,
            },
          },
        ]}
        zone="America/Chicago"
        isGuessedZone={false}
        blocked={blocked}
        onOutcome={onOutcome}
      />
    </aside>
  );
}

function press(key: string) {
  fireEvent.keyDown(document.activeElement ?? document.body, {
    key,
    code: /\d/.test(key) ? `Digit${key}` : key,
  });
}

test("each digit logs its outcome, and its button says what that does", () => {
  const onOutcome = vi.fn();
  render(<Desk onOutcome={onOutcome} />);
  expect(screen.getByRole("button", { name: /No answer/ }).textContent).toContain("back in 2 h, try 3 of 6");
  press("2");
  press("6");
  expect(onOutcome.mock.calls).toEqual([["no_answer"], ["bad_contact"]]);
});

test("not interested asks for one of five reasons, and Esc goes back with focus in the panel", () => {
  const onOutcome = vi.fn();
  render(<Desk onOutcome={onOutcome} />);
  press("5");
  expect(screen.getByText("Not interested: why?")).toBe(document.activeElement);
  press("Escape");
  expect(screen.getByRole("button", { name: /Re-booked/ })).toBeTruthy();
  expect(document.activeElement).toBe(screen.getByRole("heading"));
  press("5");
  press("2");
  expect(onOutcome.mock.calls).toEqual([["not_interested", { reason: "no_budget" }]]);
});

test("call back asks for a time and takes one of the usual ones", async () => {
  const onOutcome = vi.fn();
  render(<Desk onOutcome={onOutcome} />);
  press("4");
  fireEvent.click(await screen.findByRole("button", { name: "Tomorrow 9 AM" }));
  expect(onOutcome).toHaveBeenCalledWith("call_back", { at: expect.stringMatching(/T1[45]:00:00\.000Z$/) });
});

test("nothing is logged on a task that somebody else has, and the reason is said", () => {
  const onOutcome = vi.fn();
  render(<Desk onOutcome={onOutcome} blocked="Ana has this task." />);
  press("2");
  fireEvent.click(screen.getByRole("button", { name: /No answer/ }));
  expect(onOutcome).not.toHaveBeenCalled();
  expect(screen.getAllByText("Ana has this task.").length).toBe(7);
});

test("a moved meeting wants one look", () => {
  const onOutcome = vi.fn();
  render(<Desk task={buildRedTask({ red: "moved" })} onOutcome={onOutcome} />);
  expect(screen.getAllByRole("button")).toHaveLength(1);
  press("1");
  expect(onOutcome.mock.calls).toEqual([["looked_at"]]);
});
