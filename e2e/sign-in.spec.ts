import { DEMO_PASSWORD, emailOf, type Person } from "./demo-people.ts";
import { expect, test } from "./test.ts";

test.use({ as: null });

const HOMES: { person: Person; role: string; home: RegExp; heading: string }[] = [
  { person: "setter", role: "Setter", home: /\/w\/[^/]+\/red-queue/, heading: "Red queue" },
  { person: "inbox", role: "Inbox manager", home: /\/w\/[^/]+\/leads/, heading: "Leads" },
  { person: "ops", role: "Ops lead", home: /\/w\/[^/]+\/mismatches/, heading: "Mismatches" },
  { person: "owner", role: "Owner", home: /\/w\/[^/]+\/connections/, heading: "Connections" },
  { person: "admin", role: "Admin", home: /\/w\/all\/backfills/, heading: "Backfills" },
];

for (const { person, role, home, heading } of HOMES) {
  test(`the demo sign-in of the ${role} leads to the screen of that role`, async ({ page }) => {
    await page.goto("/");
    await page.getByRole("button", { name: new RegExp(`^${role}`) }).click();
    await expect(page).toHaveURL(home);
    await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
    await page.getByRole("button", { name: /^You: / }).click();
    await expect(page.getByText(emailOf(person))).toBeVisible();
  });
}

test.describe("by e-mail and password", () => {
  test.use({ expectedNoise: [/401/] });

  test("a stranger comes back to where they were going, and leaves for good", async ({ page }) => {
    await page.goto("/w/northwind/leads?q=dana");
    await page.getByLabel("E-mail").fill(emailOf("ops"));
    await page.getByLabel("Password").fill("not the password");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(page.getByText("This e-mail and password do not belong together.")).toBeVisible();
    await page.getByLabel("Password").fill(DEMO_PASSWORD);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(page).toHaveURL(/\/w\/northwind\/leads\?q=dana/);

    await page.getByRole("button", { name: /^You: / }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await expect(page.getByLabel("E-mail")).toBeVisible();
    await page.goto("/w/northwind/red-queue");
    await expect(page).toHaveURL(/\/sign-in/);
  });
});
