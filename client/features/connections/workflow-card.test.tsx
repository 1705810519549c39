import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import type { ConnectionRow, ManageFacts } from "./connection-types.ts";
import { WorkflowCard } from "./workflow-card.tsx";

afterEach(cleanup);

const ADDRESS = "https://bookproof.example/api/webhooks/highlevel/w1";

/** Only what the card looks at. */
function setUp({ hasSigningKey = false, isReachable = true } = {}) {
  const row = { id: "c1", hasSigningKey, previousKeyUntil: null, lastEventAt: null } as ConnectionRow;
  const facts = { webhookUrl: ADDRESS, isReachable } as ManageFacts;
  const createWorkflowSecret = vi.fn(async () => ({ secret: "made-just-now", formerUntil: null }));
  const { rerender } = render(<WorkflowCard row={row} facts={facts} calls={{ createWorkflowSecret }} />);
  return {
    createWorkflowSecret,
    reopen: () =>
      rerender(<WorkflowCard key="again" row={row} facts={facts} calls={{ createWorkflowSecret }} />),
  };
}

test("shows a secret when it is made, to be copied beside its address and header, and never again", async () => {
  const { createWorkflowSecret, reopen } = setUp();
  expect(screen.getByText(ADDRESS)).toBeTruthy();
  expect(screen.getByText("X-Bookproof-Secret")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Create secret" }));
  expect(await screen.findByText("made-just-now")).toBeTruthy();
  expect(createWorkflowSecret).toHaveBeenCalledExactlyOnceWith("c1");
  expect(screen.getByRole("button", { name: "Copy the secret" })).toBeTruthy();
  reopen();
  expect(screen.queryByText("made-just-now")).toBeNull();
});

test("asks before it replaces one, and says how long the former one is accepted", async () => {
  const { createWorkflowSecret } = setUp({ hasSigningKey: true });
  expect(screen.getByText("stored, never shown")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Create a new secret…" }));
  expect(await screen.findByText(/The former one is accepted for 25 h more/)).toBeTruthy();
  expect(createWorkflowSecret).not.toHaveBeenCalled();
  fireEvent.click(screen.getByRole("button", { name: "Create a new secret" }));
  expect(await screen.findByText("made-just-now")).toBeTruthy();
});

test("says when HighLevel cannot reach the address", () => {
  setUp({ isReachable: false });
  expect(screen.getByText(/HighLevel cannot reach this address/)).toBeTruthy();
});
