import { addConnectedWorkspace } from "./connected-workspace.ts";
import { freeStart, openSandbox } from "./sandbox.ts";
import { openServerApi } from "./server-api.ts";
import { expect, type Page, test } from "./test.ts";

test.use({ as: "setter" });
const sandbox = openSandbox();
const api = openServerApi();

const rowOf = (page: Page, name: string) =>
  page.getByRole("grid", { name: "Red tasks" }).getByRole("row", { name: new RegExp(`^${name}, `) });
const panel = (page: Page) => page.getByRole("complementary");
const toast = (page: Page, text: string | RegExp) =>
  page.getByRole("region", { name: "Notices" }).getByText(text);

test("a canceled meeting comes on screen by itself, is claimed, logged by a key, and comes back by undo", async ({
  page,
}) => {
  const workspace = await addConnectedWorkspace("Losses");
  const dana = await workspace.addBookedLead("Dana Ruiz");
  const omar = await workspace.addBookedLead("Omar Haddad");
  await page.goto(`/w/${workspace.slug}/red-queue`);
  await expect(page.getByText("No cancellations yet.")).toBeVisible();
  await expect(page.getByRole("status").filter({ hasText: "Live" })).toBeVisible();

  const canceledAt = performance.now();
  await sandbox.cancel(dana.booking, { reason: "Something came up at work" });
  await expect(rowOf(page, dana.name)).toBeVisible();
  const tookMs = Math.round(performance.now() - canceledAt);
  console.log(`      canceled at the sandbox, on screen after ${tookMs} ms`);
  await expect(rowOf(page, dana.name)).toContainText("Canceled by lead");
  await expect(rowOf(page, dana.name)).toContainText("“Something came up at work”");

  await sandbox.cancel(omar.booking);
  await expect(rowOf(page, omar.name)).toBeVisible();
  await rowOf(page, dana.name).click();
  await expect(panel(page).getByRole("heading", { name: dana.name })).toBeVisible();
  await expect(panel(page)).toContainText("You have it");

  await page.keyboard.press("2");
  // Under the pointer it stays, however long the rest takes.
  await toast(page, `No answer logged for ${dana.name}.`).hover();
  await expect(panel(page).getByRole("heading", { name: omar.name })).toBeVisible();
  await expect(panel(page)).toContainText("You have it");
  await expect(rowOf(page, dana.name)).toBeHidden();
  expect(await tasksOf(workspace.slug, dana.id)).toEqual([["meeting_canceled", "snoozed"]]);

  await page.keyboard.press("z");
  await expect(panel(page).getByRole("heading", { name: dana.name })).toBeVisible();
  await expect(panel(page)).toContainText("You have it");
  await expect(rowOf(page, dana.name)).toBeVisible();
  expect(await tasksOf(workspace.slug, dana.id)).toEqual([["meeting_canceled", "pending"]]);
});

for (const order of ["canceled_first", "created_first"] as const) {
  test(`a rescheduled meeting is no loss, ${order.replace("_", " ")}`, async ({ page }) => {
    const workspace = await addConnectedWorkspace("Moves");
    const lead = await workspace.addBookedLead("Priya Nair");
    await page.goto(`/w/${workspace.slug}/red-queue`);
    await expect(page.getByText("No cancellations yet.")).toBeVisible();
    const flashes = await watchFor(page, lead.name);

    await sandbox.reschedule(lead.booking, { start: freeStart(), order });
    await expect(page.getByRole("link", { name: /^Moved 1$/ })).toBeVisible();
    await expect.poll(async () => (await api.getLead(workspace.slug, lead.id)).appointments).toHaveLength(2);
    await expect
      .poll(async () => await tasksOf(workspace.slug, lead.id))
      .toEqual([["meeting_rescheduled", "pending"]]);
    expect(await flashes()).toBe(0);
    expect((await api.getLead(workspace.slug, lead.id)).booked).toBe(true);

    await page.getByRole("link", { name: /^Moved 1$/ }).click();
    await expect(rowOf(page, lead.name)).toContainText("Moved");
  });
}

test("a task closes by itself when the lead books again", async ({ page }) => {
  const workspace = await addConnectedWorkspace("Returns");
  const lead = await workspace.addBookedLead("Lena Fischer");
  await sandbox.cancel(lead.booking);
  await page.goto(`/w/${workspace.slug}/red-queue`);
  await rowOf(page, lead.name).click();
  await expect(panel(page)).toContainText("You have it");

  await workspace.book(lead);
  await expect(panel(page)).toContainText("Re-booked, by evidence");
  await expect.poll(() => tasksOf(workspace.slug, lead.id)).toEqual([["meeting_canceled", "completed"]]);
});

test("from opening the app to the first task claimed it takes two keys", async ({ page }) => {
  const workspace = await addConnectedWorkspace("Keys");
  const lead = await workspace.addBookedLead("Marta Kowalska");
  await sandbox.cancel(lead.booking);
  await page.goto(`/w/${workspace.slug}`);
  await expect(rowOf(page, lead.name)).toBeVisible();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await expect(panel(page)).toContainText("You have it");
});

async function tasksOf(slug: string, leadId: string): Promise<[string, string][]> {
  return (await api.getLead(slug, leadId)).tasks.map(({ type, status }) => [type, status]);
}

/** Counts how often a row of this name was in the list, however briefly. */
async function watchFor(page: Page, name: string): Promise<() => Promise<number>> {
  const watcher = await page.evaluateHandle((wanted) => {
    const seen = { count: 0 };
    const look = () => {
      const rows = [...document.querySelectorAll('[role="grid"] [role="row"], table tbody tr')];
      if (rows.some((row) => row.textContent?.includes(wanted))) seen.count += 1;
    };
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
    return seen;
  }, name);
  return () => watcher.evaluate(({ count }) => count);
}
