import { addConnectedWorkspace } from "./connected-workspace.ts";
import { openSandbox } from "./sandbox.ts";
import { openServerApi } from "./server-api.ts";
import { expect, test } from "./test.ts";

test.use({ as: "inbox" });
const sandbox = openSandbox();
const api = openServerApi();

test("a booking under an unknown address comes on screen by itself, is linked by a key, and comes back by undo", async ({
  page,
}) => {
  const workspace = await addConnectedWorkspace("Strangers");
  const { slug } = workspace;
  const { id } = await api.addLead(slug, {
    email: `maya.ortiz@${slug}.example`,
    firstName: "Maya",
    lastName: "Ortiz",
    phone: "+13125550177",
    timezone: "America/Chicago",
  });
  const address = `m.ortiz@${slug}-home.example`;
  const grid = page.getByRole("grid", { name: "Bookings without a lead" });
  const row = grid.getByRole("row", { name: /^M\. Ortiz, Calendly confirmed/ });
  const panel = page.getByRole("complementary");
  const notices = page.getByRole("region", { name: "Notices" });
  const readLead = async () => {
    const { status, meeting, appointments } = await api.getLead(slug, id);
    return [status, meeting.state, appointments.length];
  };
  await page.goto(`/w/${slug}/unmatched`);
  await expect(page.getByText("Every booking ahead has its lead.")).toBeVisible();
  await expect(page.getByRole("status").filter({ hasText: "Live" })).toBeVisible();

  await sandbox.book(workspace.account, { name: "M. Ortiz", email: address, phone: "+1 312-555-0177" });
  await expect(row).toBeVisible();
  await expect(row).toContainText("same phone");
  await row.click();
  await expect(panel.getByRole("heading", { name: "M. Ortiz" })).toBeVisible();
  await expect(panel.getByRole("button", { name: /Maya Ortiz.*same phone/ })).toBeVisible();
  await expect(panel).toContainText(`Later bookings under ${address} will be theirs too.`);
  expect(await readLead()).toEqual(["new", "none", 0]);

  await page.keyboard.press("1");
  // Under the pointer it stays, however long the rest takes.
  await notices.getByText("Linked M. Ortiz to Maya Ortiz.").hover();
  await expect(page.getByText("Every booking ahead has its lead.")).toBeVisible();
  expect(await readLead()).toEqual(["meeting_booked", "booked", 1]);

  await page.keyboard.press("z");
  await expect(notices.getByText("M. Ortiz is unmatched again.")).toBeVisible();
  await expect(row).toBeVisible();
  await expect(panel.getByRole("button", { name: /Maya Ortiz.*same phone/ })).toBeVisible();
  expect(await readLead()).toEqual(["new", "none", 0]);

  // Looked for from the lead, the booking is the only one, and the lead its first choice.
  await page.goto(`/w/${slug}/unmatched?lead=${id}`);
  await expect(page.getByText("Bookings that look like Maya Ortiz’s")).toBeVisible();
  await expect(panel.getByRole("list", { name: "Suggested leads" })).toContainText(
    "the lead you came for, same phone",
  );

  // Whoever it is, a search finds them too; the lead's page says how it came by the meeting.
  await panel.getByRole("searchbox", { name: "Find the lead" }).fill("maya");
  await panel
    .getByRole("list", { name: "Leads found" })
    .getByRole("button", { name: /^Maya Ortiz/ })
    .click();
  await expect(notices.getByText("Linked M. Ortiz to Maya Ortiz.")).toBeVisible();
  await page.goto(`/w/${slug}/leads/${id}`);
  await expect(page.getByText("linked by an operator")).toBeVisible();
});
