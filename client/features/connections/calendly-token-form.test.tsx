import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { CalendlyTokenForm } from "./calendly-token-form.tsx";
import type { CalendlyAccount, ConnectError, VerifyOutcome } from "./connection-types.ts";

afterEach(cleanup);

const ACCOUNT: CalendlyAccount = {
  ownerId: "U1",
  ownerName: "Dana Ruiz",
  ownerEmail: "dana@northwind.example",
  role: "owner",
  organizationId: "O1",
  organizationName: "Acme",
  plan: "teams",
  timezone: "America/Chicago",
  isFullScope: true,
  people: 14,
  eventTypes: [],
  missingScopes: [],
};
const REFUSED: ConnectError = {
  code: "unauthorized",
  provider: "calendly",
  requiredScopes: [],
  at: null,
  accountName: null,
};

function setUp(outcome: VerifyOutcome) {
  const verifyCalendly = vi.fn(async () => outcome);
  const onSubmit = vi.fn(async () => null);
  render(<CalendlyTokenForm calls={{ verifyCalendly }} submitLabel="Connect Calendly" onSubmit={onSubmit} />);
  const input = screen.getByLabelText("Personal access token") as HTMLInputElement;
  const paste = (text: string) => fireEvent.paste(input, { clipboardData: { getData: () => text } });
  return { verifyCalendly, onSubmit, input, paste };
}

test("asks whose a pasted token is at once, and sends it only when the person agrees", async () => {
  const { verifyCalendly, onSubmit, input, paste } = setUp({ ok: true, account: ACCOUNT });
  expect(input.type).toBe("password");
  paste(" token-of-dana ");
  expect(await screen.findByText(/Dana Ruiz · Acme · Owner · Teams plan/)).toBeTruthy();
  expect(verifyCalendly).toHaveBeenCalledWith("token-of-dana");
  expect(onSubmit).not.toHaveBeenCalled();

  fireEvent.click(screen.getByRole("button", { name: "Connect Calendly" }));
  await waitFor(() => expect(onSubmit).toHaveBeenCalledWith("token-of-dana"));
  await waitFor(() => expect(input.value).toBe(""));
});

test("says why a token is refused, and forgets the refusal with the token", async () => {
  const { input, paste } = setUp({ ok: false, error: REFUSED });
  paste("dead-token");
  expect(await screen.findByText(/Calendly rejected this token/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Connect Calendly" })).toBeNull();
  fireEvent.change(input, { target: { value: "another" } });
  expect(screen.queryByText(/Calendly rejected this token/)).toBeNull();
});
