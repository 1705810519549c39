import { addConnectedWorkspace, waitFor } from "./connected-workspace.ts";
import { type LeadRow, openServerApi } from "./server-api.ts";
import { expect, test } from "./test.ts";

test.use({ as: "owner" });
const api = openServerApi();

const DAY_MS = 24 * 60 * 60_000;
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();

/** Fifty that say booked and have nothing, two of them protected besides. */
const CLAIMS = Array.from({ length: 52 }, (_, at) => ({
  email: `claim-${at}@bulk.example`,
  firstName: "Lead",
  lastName: `Number ${at}`,
  sentiment: "meeting_booked",
  sentimentAt: daysAgo(2 + (at % 20)),
  status: at < 2 ? "not_interested" : at % 2 === 0 ? "meeting_booked" : "qualified",
}));

test("fifty mismatches are previewed, accepted with a receipt, and restored in every field by undo", async ({
  page,
}) => {
  const { slug } = await addConnectedWorkspace("Bulk", { leads: CLAIMS });
  const listMismatches = () => api.list<{ cause: string | null }>(slug, "mismatches?kind=1");
  const countMismatches = async () => (await listMismatches()).length;
  await waitFor(async () => {
    const rows = await listMismatches();
    return rows.length === CLAIMS.length && rows.every(({ cause }) => cause !== null);
  });
  const before = await readLeads(slug);

  await page.goto(`/w/${slug}/mismatches`);
  await expect(page.getByRole("link", { name: /^Says booked, no meeting 52$/ })).toBeVisible();
  const grid = page.getByRole("grid", { name: "Mismatches" });
  await expect(grid.getByRole("row")).toHaveCount(CLAIMS.length + 1);
  await grid.getByRole("row").nth(1).click();
  await page.keyboard.press("Control+Shift+a");
  await expect(page.getByText("All 52 that match these filters are selected.")).toBeVisible();
  await expect(page.getByText("Updates paused (52 selected)")).toBeVisible();
  await page.keyboard.press("1");

  const preview = page.getByRole("complementary");
  await expect(preview.getByRole("heading", { name: "Accept provider evidence" })).toBeVisible();
  await expect(preview).toContainText("52 leads looked at");
  await expect(preview).toContainText(/50\s*will change: status becomes meeting requested/);
  await expect(preview).toContainText(/2\s*held back: protected status/);
  await expect(preview.getByRole("button", { name: "Accept for 50 leads" })).toBeEnabled();
  expect(await countMismatches()).toBe(CLAIMS.length);

  await page.keyboard.press("Control+Enter");
  const notices = page.getByRole("region", { name: "Notices" });
  // Under the pointer it stays, however long the comparison takes.
  await notices.getByText("50 accepted.").hover();
  const accepted = await readLeads(slug);
  const changed = accepted.filter((lead) => lead.status === "meeting_requested");
  expect(changed).toHaveLength(50);
  expect(changed.every((lead) => lead.sentiment === "meeting_requested" && lead.mismatch === null)).toBe(
    true,
  );
  expect(await countMismatches()).toBe(2);

  await notices.getByRole("button", { name: "Receipt" }).click();
  await expect(page.getByRole("complementary")).toContainText("50");
  await page.keyboard.press("z");
  await expect(notices.getByText("Restored 50.")).toBeVisible();
  // The cause of a mismatch that is back is decided a moment later.
  await expect.poll(() => readLeads(slug)).toEqual(before);
});

/** Every lead with all that the API tells of it, but for what moves by itself: when it was last looked at, and its history. */
async function readLeads(slug: string): Promise<LeadRow[]> {
  const rows = await api.list<LeadRow>(slug, "leads");
  const details = await Promise.all(rows.map(({ id }) => api.getLead(slug, id)));
  return details
    .map((lead) => ({ ...lead, lastCheckedAt: null, asOf: null, history: null }))
    .sort((a, b) => a.email.localeCompare(b.email));
}
