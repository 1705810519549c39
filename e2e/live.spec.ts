import { addConnectedWorkspace, waitFor } from "./connected-workspace.ts";
import { openSandbox } from "./sandbox.ts";
import { openServerApi } from "./server-api.ts";
import { expect, test } from "./test.ts";

test.use({ as: "setter", expectedNoise: [/ERR_FAILED|Failed to load resource/] });
const sandbox = openSandbox();
const api = openServerApi();

const STREAM = "**/api/trpc/live.events*";
/** The browser takes a stream for dead after 12 s of silence; its clock is moved there. */
const SILENCE_MS = 12_500;

test("the chip tells when the stream is cut, and what was missed arrives when it is back", async ({
  page,
}) => {
  const workspace = await addConnectedWorkspace("Cut");
  const dana = await workspace.addBookedLead("Dana Ruiz");
  const omar = await workspace.addBookedLead("Omar Haddad");
  await sandbox.cancel(dana.booking);
  await waitFor(async () => (await api.getLead(workspace.slug, dana.id)).tasks.length === 1);

  await page.clock.install();
  await page.goto(`/w/${workspace.slug}/red-queue`);
  const chip = page.getByRole("main").getByRole("status").first();
  const grid = page.getByRole("grid", { name: "Red tasks" });
  await expect(chip).toHaveText("Live");
  await expect(grid.getByRole("row", { name: /^Dana Ruiz/ })).toBeVisible();

  await page.route(STREAM, (route) => route.abort());
  await page.clock.fastForward(SILENCE_MS);
  await expect(chip).toHaveText("Reconnecting…");
  await sandbox.cancel(omar.booking);
  await waitFor(async () => (await api.getLead(workspace.slug, omar.id)).tasks.length === 1);
  await expect(chip).not.toHaveText("Live");
  await expect(grid.getByRole("row", { name: /^Omar Haddad/ })).toBeHidden();

  await page.clock.fastForward(20_000);
  await expect(chip).toHaveText(/^Not live since /);
  await expect(page.getByText(/^Showing data from /)).toBeVisible();

  await page.unroute(STREAM);
  await page.getByRole("button", { name: "Retry" }).click();
  await expect(chip).toHaveText("Live");
  await expect(grid.getByRole("row", { name: /^Omar Haddad/ })).toBeVisible();
});
