import { askProcedure } from "./ask-procedure.ts";
import { expectAccessible } from "./expect-accessible.ts";
import { openServerApi } from "./server-api.ts";
import { expect, type Page, test } from "./test.ts";

test.use({ as: "owner", colorScheme: "light", reducedMotion: "reduce" });
const api = openServerApi();

type Screen = {
  name: string;
  address: string | (() => Promise<string>);
  ready: (page: Page) => Promise<void>;
};

const grid = (name: string) => async (page: Page) => {
  await expect(page.getByRole("grid", { name }).getByRole("row").nth(1)).toBeVisible();
};
/** From a mismatch by its key, with its lead as the first choice. Which booking comes first changes with the days. */
const suggestions = async (page: Page) => {
  await panel(page);
  await page.keyboard.press("3");
  await page.getByRole("button", { name: "Show all bookings" }).first().click();
  await page
    .getByRole("grid", { name: "Bookings without a lead" })
    .getByRole("row")
    .filter({ hasText: "same phone" })
    .first()
    .click();
  const first = page.getByRole("list", { name: "Suggested leads" }).getByRole("listitem").first();
  await expect(first).toContainText("the lead you came for");
};
const heading = (name: RegExp) => async (page: Page) => {
  await expect(page.getByRole("heading", { name }).first()).toBeVisible();
};
const panel = async (page: Page) => {
  await expect(page.getByRole("complementary").getByRole("heading").nth(1)).toBeVisible();
};

const SCREENS: Screen[] = [
  { name: "red queue", address: "red-queue", ready: grid("Red tasks") },
  { name: "red queue, moved", address: "red-queue?view=moved", ready: grid("Red tasks") },
  { name: "red queue, done", address: "red-queue?view=done_today", ready: grid("Red tasks") },
  { name: "red queue, nothing found", address: "red-queue?q=zzzz", ready: heading(/No tasks match/) },
  { name: "red queue with a task open", address: openTask, ready: panel },
  { name: "mismatches", address: "mismatches?lead=none", ready: grid("Mismatches") },
  { name: "mismatches with one open", address: "mismatches", ready: panel },
  { name: "mismatches, unknown", address: "mismatches?tab=unknown&lead=none", ready: grid("Mismatches") },
  { name: "backfills", address: "backfills", ready: grid("Backfills") },
  { name: "starting a backfill", address: "backfills?start=true", ready: heading(/Start a backfill/) },
  { name: "a backfill", address: openRun, ready: heading(/^Backfill \d/) },
  { name: "connections", address: "connections", ready: grid("Connections") },
  { name: "a connection", address: "connections/calendly", ready: heading(/Calendly/) },
  { name: "its deliveries", address: "connections/calendly?tab=deliveries", ready: heading(/Calendly/) },
  { name: "its event types", address: "connections/calendly?tab=event-types", ready: heading(/Event types/) },
  { name: "its token", address: "connections/calendly?tab=token", ready: heading(/Token/) },
  { name: "disconnecting", address: "connections/calendly?tab=disconnect", ready: heading(/Disconnect/) },
  { name: "connecting HighLevel", address: "connections/highlevel", ready: heading(/Connect HighLevel/) },
  { name: "unmatched", address: "unmatched?booking=none", ready: grid("Bookings without a lead") },
  { name: "unmatched with one open", address: "mismatches", ready: suggestions },
  { name: "leads", address: "leads", ready: grid("Leads") },
  { name: "a lead", address: openLead, ready: heading(/.+/) },
];

for (const { name, address, ready } of SCREENS) {
  test(`${name}: axe finds nothing`, async ({ page }) => {
    await page.goto(`/w/northwind/${typeof address === "string" ? address : await address()}`);
    await ready(page);
    await expectAccessible(page, name);
  });
}

test("a lead with a long name, company and address stays within a narrow phone", async ({ page }) => {
  const lead = await api.addLead("northwind", {
    email: `${"maximiliana".repeat(5)}@${"wolfeschlegelsteinhausen".repeat(2)}.example`,
    firstName: "Maximiliana Bartholomea",
    lastName: "Wolfeschlegelsteinhausenbergerdorff",
    company: "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesellschaft",
  });
  await page.setViewportSize({ width: 320, height: 640 });
  await page.goto(`/w/northwind/leads/${lead.id}`);
  await expect(page.getByRole("heading", { name: "Meetings at the providers" })).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
});

test("what opens over a screen: axe finds nothing", async ({ page }) => {
  await page.goto("/w/northwind/connections");
  await grid("Connections")(page);
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
  await expectAccessible(page, "key sheet");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("option").first()).toBeVisible();
  await expectAccessible(page, "palette");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /^You: / }).click();
  await expect(page.getByRole("menu")).toBeVisible();
  await expectAccessible(page, "menu");
});

test("the preview of a bulk decision: axe finds nothing", async ({ page }) => {
  await page.goto("/w/northwind/mismatches");
  await grid("Mismatches")(page);
  await page.getByRole("grid", { name: "Mismatches" }).getByRole("row").nth(1).click();
  await page.keyboard.press("Control+Shift+a");
  await page.keyboard.press("1");
  await expect(page.getByRole("button", { name: /^Accept for/ })).toBeVisible();
  await expectAccessible(page, "preview");
});

test.describe("for a stranger", () => {
  test.use({ as: null });

  test("signing in: axe finds nothing", async ({ page }) => {
    await page.goto("/sign-in");
    await expect(page.getByRole("heading", { name: "Demo sign-ins" })).toBeVisible();
    await expectAccessible(page, "sign-in");
  });
});

async function openTask(): Promise<string> {
  const { rows } = await api.call<{ rows: { id: string }[] }>(
    "northwind",
    "GET",
    "tasks?red=lost&status=pending",
  );
  return `red-queue?task=${rows[0]?.id}`;
}

async function openRun(): Promise<string> {
  const { data } = await askProcedure("owner", "backfills.list", { workspace: "northwind" });
  // What the procedure promises, as far as it is needed here.
  const { rows } = data as { rows: { id: string }[] };
  return `backfills/${rows[0]?.id}`;
}

async function openLead(): Promise<string> {
  const { rows } = await api.call<{ rows: { id: string }[] }>(
    "northwind",
    "GET",
    "leads?meetingState=canceled&limit=1",
  );
  return `leads/${rows[0]?.id}`;
}
