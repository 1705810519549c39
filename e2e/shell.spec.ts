import { expect, test } from "./test.ts";

test.use({ as: "owner" });

test("keys lead from screen to screen", async ({ page }) => {
  await page.goto("/w/northwind/connections");
  const heading = page.getByRole("heading", { level: 1 });
  await expect(heading).toHaveText("Connections");
  for (const [key, name] of [
    ["q", "Red queue"],
    ["m", "Mismatches"],
    ["b", "Backfills"],
    ["l", "Leads"],
    ["u", "Unmatched"],
    ["c", "Connections"],
  ] as const) {
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    await expect(heading).toHaveText(name);
    await expect(page).toHaveTitle(new RegExp(name));
  }
});

test("the key sheet is searched and turns single keys off", async ({ page }) => {
  await page.goto("/w/northwind/connections");
  await expect(page.getByRole("heading", { level: 1, name: "Connections" })).toBeVisible();
  await page.keyboard.press("?");
  const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await sheet.getByRole("searchbox").fill("mismatch");
  await expect(sheet.getByText("Mismatches")).toBeVisible();
  await expect(sheet.getByText("Red queue")).toBeHidden();
  await sheet.getByRole("switch", { name: "Single-key shortcuts" }).click();
  await page.keyboard.press("Escape");
  await expect(sheet).toBeHidden();
  await page.keyboard.press("g");
  await page.keyboard.press("q");
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(page.getByRole("heading", { level: 1, name: "Connections" })).toBeVisible();
});

test("the palette finds actions by other words, and leads by name and by e-mail", async ({ page }) => {
  await page.goto("/w/northwind/connections");
  await expect(page.getByRole("heading", { level: 1, name: "Connections" })).toBeVisible();
  await page.keyboard.press("Control+k");
  const box = page.getByRole("combobox", { name: "Find an action or a lead" });
  await box.fill("night");
  await expect(page.getByRole("option", { name: /Use the dark theme/ })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");

  await page.keyboard.press("Control+k");
  await box.fill("zzzzzz");
  await expect(page.getByText("Nothing here is called “zzzzzz”.")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
});

test("theme and density are kept in this browser", async ({ page }) => {
  await page.goto("/w/northwind/connections");
  await page.getByRole("button", { name: /^You: / }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});
