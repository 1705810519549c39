import { addCalendlyAccount, listWebhooksOf } from "./calendly-account.ts";
import { emailOf } from "./demo-people.ts";
import { openSandbox } from "./sandbox.ts";
import { openServerApi } from "./server-api.ts";
import { expect, type Page, test } from "./test.ts";

test.use({ as: "owner" });
const sandbox = openSandbox();
const api = openServerApi();

test("Calendly is connected by token, hears of a booking, and is disconnected", async ({ page }) => {
  const account = await addCalendlyAccount(sandbox);
  const workspace = await api.addWorkspace({ name: "Fresh", userEmail: emailOf("owner") });
  const lead = await api.addLead(workspace.slug, {
    email: "omar@fresh.example",
    firstName: "Omar",
    lastName: "Haddad",
  });

  await page.goto(`/w/${workspace.slug}/connections`);
  await page.getByRole("link", { name: "Connect Calendly" }).click();
  await page.getByLabel("Personal access token").fill(account.token);
  await page.getByRole("button", { name: "Check token" }).click();
  await expect(
    page.getByText(`Dana Ruiz · ${account.organization} · Owner · Teams plan. Sees 2 event types, 1 person.`),
  ).toBeVisible();
  await page.getByRole("button", { name: "Connect Calendly" }).click();

  const types = page.getByRole("list", { name: "event types" });
  await expect(types.getByRole("checkbox")).toHaveCount(2);
  await page.getByRole("button", { name: "Use 2 event types" }).click();
  await page.getByRole("button", { name: "Create webhook" }).click();
  await expect(page.getByText("Organization scope, active.")).toBeVisible();
  await expect(
    page.getByText("Our address answered to a delivery signed with the stored key."),
  ).toBeVisible();
  expect(await listWebhooksOf(sandbox, workspace.id)).toHaveLength(1);

  await expect(page.getByText("Waiting for the first event.")).toBeVisible();
  await sandbox.book(account, { name: "Omar Haddad", email: lead.email });
  await expect(page.getByText(/First event: Booked/)).toBeVisible();
  await expect
    .poll(async () => (await api.getLead(workspace.slug, lead.id)).meeting)
    .toMatchObject({
      state: "booked",
      source: "webhook",
    });
  await expectNowhere(page, account.token);

  await page.goto(`/w/${workspace.slug}/connections/calendly?tab=disconnect`);
  await page.getByRole("button", { name: "Disconnect Calendly…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Disconnect Calendly" }).click();
  for (const line of [
    "Webhook at Calendly deleted.",
    "Token and signing key erased.",
    "Sweeps and checks stopped.",
    "1 meeting kept, frozen as they are.",
  ]) {
    await expect(page.getByText(line)).toBeVisible();
  }
  expect(await listWebhooksOf(sandbox, workspace.id)).toEqual([]);
  await sandbox.book(account, { name: "Omar Haddad", email: lead.email });
  expect((await api.getLead(workspace.slug, lead.id)).appointments).toHaveLength(1);
});

const REFUSALS = [
  {
    name: "a mistyped token",
    token: "not-a-token",
    says: "Calendly rejected this token. It was revoked or mistyped.",
  },
  {
    name: "a revoked token",
    token: "sandbox-calendly-northwind-revoked",
    says: "Calendly rejected this token. It was revoked or mistyped.",
  },
  {
    name: "a member's token",
    token: "sandbox-calendly-northwind-member",
    says: "own meetings. For the whole team use an Owner or Admin token.",
  },
];

test("each token that will not do says why", async ({ page }) => {
  const { slug } = await api.addWorkspace({ name: "Refused", userEmail: emailOf("owner") });
  for (const { name, token, says } of REFUSALS) {
    await page.goto(`/w/${slug}/connections/calendly`);
    await page.getByLabel("Personal access token").fill(token);
    await page.getByRole("button", { name: "Check token" }).click();
    await expect(page.getByText(says), name).toBeVisible();
  }
});

test("without the right to create webhooks, sweeps are what remains", async ({ page }) => {
  const { slug } = await api.addWorkspace({ name: "Polled", userEmail: emailOf("owner") });
  await page.goto(`/w/${slug}/connections/calendly`);
  await page.getByLabel("Personal access token").fill("sandbox-calendly-northwind-no-webhooks");
  await page.getByRole("button", { name: "Check token" }).click();
  await page.getByRole("button", { name: "Connect Calendly" }).click();
  await page.getByRole("button", { name: /^Use \d+ event types/ }).click();
  await page.getByRole("button", { name: "Create webhook" }).click();
  await expect(page.getByText("No webhook: the token lacks webhooks:write.")).toBeVisible();
  await page.goto(`/w/${slug}/connections`);
  await expect(page.getByRole("row", { name: /^Calendly, .*Polling/ })).toBeVisible();
});

test("a provider that does not answer saves nothing", async ({ page }) => {
  const { slug } = await api.addWorkspace({ name: "Unreached", userEmail: emailOf("owner") });
  const { token } = await addCalendlyAccount(sandbox);
  await sandbox.control("POST", "/faults", {
    provider: "calendly",
    kind: "status",
    status: 503,
    match: { token },
  });
  await page.goto(`/w/${slug}/connections/calendly`);
  await page.getByLabel("Personal access token").fill(token);
  await page.getByRole("button", { name: "Check token" }).click();
  await expect(page.getByRole("alert")).toContainText("We could not reach Calendly.");
  await expect(page.getByRole("alert")).toContainText("Nothing was saved or changed.");
  expect(await api.call(slug, "GET", "connections")).toMatchObject({ rows: [] });
});

test("HighLevel says when token and location do not belong together", async ({ page }) => {
  const { slug } = await api.addWorkspace({ name: "Misplaced", userEmail: emailOf("owner") });
  await page.goto(`/w/${slug}/connections/highlevel`);
  await page.getByLabel(/token/i).first().fill("pit-sandbox-wrong-location");
  await page.getByLabel("Location id").fill("lumenDentalGroup0001");
  await page.getByRole("button", { name: /^Connect HighLevel|^Verify/ }).click();
  await expect(page.getByRole("alert")).toContainText("This token does not belong to that location.");
});

/** After it was saved, a secret is in no page, no address and no storage of the browser. */
async function expectNowhere(page: Page, secret: string): Promise<void> {
  const places = await page.evaluate(() => [
    document.documentElement.outerHTML,
    location.href,
    JSON.stringify(localStorage),
    JSON.stringify(sessionStorage),
    [...document.querySelectorAll("input")].map((input) => input.value).join(),
  ]);
  for (const place of places) expect(place).not.toContain(secret);
}
