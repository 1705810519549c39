import type { Person } from "./demo-people.ts";
import { openServerApi } from "./server-api.ts";
import { expect, test } from "./test.ts";

const SCREENS = {
  "Red queue": "red-queue",
  Mismatches: "mismatches",
  Backfills: "backfills",
  Connections: "connections",
  Leads: "leads",
  Unmatched: "unmatched",
};
type ScreenName = keyof typeof SCREENS;
const ALL: ScreenName[] = ["Red queue", "Mismatches", "Backfills", "Connections", "Leads", "Unmatched"];

/** R42, as the navigation shows it. */
const SEEN: { person: Person; sees: ScreenName[] }[] = [
  { person: "setter", sees: ["Red queue", "Leads"] },
  { person: "inbox", sees: ["Red queue", "Mismatches", "Leads", "Unmatched"] },
  { person: "ops", sees: ALL },
  { person: "owner", sees: ALL },
  { person: "admin", sees: ALL },
];

for (const { person, sees } of SEEN) {
  test.describe(`${person}`, () => {
    test.use({ as: person });

    test("finds the screens of the role in the navigation and in the palette, and no other", async ({
      page,
    }) => {
      await page.goto("/w/northwind");
      const links = page.getByRole("navigation", { name: "Screens" }).getByRole("link");
      await expect(links).toHaveCount(sees.length);
      const names = await links.evaluateAll((all) => all.map((link) => link.getAttribute("aria-label")));
      expect(names).toEqual(sees);
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox", { name: "Find an action or a lead" }).fill("connections");
      await expect(page.getByRole("option", { name: "Connections" })).toHaveCount(
        sees.includes("Connections") ? 1 : 0,
      );
    });

    const hidden = ALL.filter((name) => !sees.includes(name));
    if (hidden.length === 0) return;
    test("is told that there is nothing at the address of any other", async ({ page }) => {
      for (const name of hidden) {
        await page.goto(`/w/northwind/${SCREENS[name]}`);
        await expect(page.getByText("Nothing here"), name).toBeVisible();
      }
    });
  });
}

test.describe("an owner", () => {
  test.use({ as: "owner", expectedNoise: [/404/] });

  test("finds nothing across all workspaces, in one that does not exist, or behind an id of another", async ({
    page,
  }) => {
    for (const address of ["/w/all/backfills", "/w/nowhere/red-queue"]) {
      await page.goto(address);
      await expect(page.getByText("Nothing here"), address).toBeVisible();
    }
    const { rows } = await openServerApi().call<{ rows: { id: string }[] }>("harbor", "GET", "leads?limit=1");
    await page.goto(`/w/northwind/leads/${rows[0]?.id}`);
    await expect(page.getByText("There is no such lead here.")).toBeVisible();
  });
});
