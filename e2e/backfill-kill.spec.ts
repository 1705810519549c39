import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addHistory, slowDownCalendly } from "./add-history.ts";
import { sessionFile } from "./demo-people.ts";
import { openServerApi } from "./server-api.ts";
import { saveSession } from "./sign-in.ts";
import { startWorld, type World } from "./start-world.ts";
import { expect, type Page, test } from "./test.ts";

// It kills its server: it has one of its own, with a browser of its own.
test.use({ as: null });
test.setTimeout(600_000);

/** Few enough to stay within the share of a minute that a backfill may have of the limit. */
const MEETINGS = 60;
/** Each answer of Calendly takes as long until the second kill: the run outlasts the hands that stop it. */
const CALENDLY_TAKES_MS = 300;

let world: World;
let sessions: string;

test.beforeAll(async () => {
  test.setTimeout(600_000);
  world = await startWorld();
  sessions = await mkdtemp(join(tmpdir(), "bookproof-sessions-"));
  await saveSession(world.url, "owner", sessionFile("owner", sessions));
});

test.afterAll(async () => {
  await world?.stop();
  if (sessions) await rm(sessions, { recursive: true, force: true });
});

test("a run outlives a pause and two kills, and ends with exact counters", async ({ browser }) => {
  const { slug, firstDay, lastDay } = await addHistory(world, { meetings: MEETINGS, name: "History" });
  const context = await browser.newContext({
    baseURL: world.url,
    storageState: sessionFile("owner", sessions),
  });
  const page = await context.newPage();
  await endOtherRuns(page);
  await slowDownCalendly(world, CALENDLY_TAKES_MS);

  await page.goto(`/w/${slug}/backfills`);
  await page
    .getByRole("button", { name: /^Start backfill…/ })
    .first()
    .click();
  const sheet = page.getByRole("dialog", { name: "Start a backfill" });
  await sheet.getByLabel("First day").fill(firstDay);
  await sheet.getByLabel("Last day").fill(lastDay);
  await sheet.getByRole("button", { name: `Start backfill of ~${MEETINGS} meetings` }).click();
  await expect(page.getByRole("heading", { level: 1, name: /^Backfill \d+$/ })).toBeVisible();
  await expect(counter(page, "new or changed")).not.toHaveText(/^0 /);

  await page.getByRole("button", { name: /^Pause/ }).click();
  await expect(page.getByText(/^Paused .*by Willa Osei\.$/)).toBeVisible();
  const paused = await countDone(page);
  expect(paused).toBeGreaterThan(0);
  expect(paused).toBeLessThan(MEETINGS);

  await world.kill();
  await world.start();
  await page.reload();
  await expect(page.getByText(/^Paused .*by Willa Osei\.$/)).toBeVisible();
  expect(await countDone(page)).toBe(paused);

  await slowDownCalendly(world, CALENDLY_TAKES_MS);
  await page
    .getByRole("button", { name: /^Resume/ })
    .first()
    .click();
  await expect.poll(() => countDone(page)).toBeGreaterThan(paused);
  const killedAt = await countDone(page);
  await world.kill();
  await world.start();
  const startedAt = performance.now();
  await page.reload();

  await expect.poll(() => countDone(page), { timeout: 90_000 }).toBeGreaterThan(killedAt);
  console.log(`      going on ${Math.round((performance.now() - startedAt) / 1000)} s after the start`);
  await expect(page.getByText(new RegExp(`^Done in .*\\. ${MEETINGS} meetings verified\\.$`))).toBeVisible({
    timeout: 180_000,
  });
  await expect(counter(page, "new or changed")).toHaveText(`${MEETINGS} new or changed`);
  await expect(counter(page, "already known")).toBeHidden();
  await expect(page.getByText("need attention")).toBeHidden();
  await expectTruth(slug);
  await context.close();
});

/** The demo's own runs share a provider's limit with its first sweeps, and would stand in line before ours for a minute. */
async function endOtherRuns(page: Page): Promise<void> {
  for (const workspace of ["northwind", "lumen", "harbor"]) {
    const input = encodeURIComponent(JSON.stringify({ workspace }));
    const answer = await page.request.get(`/api/trpc/backfills.list?input=${input}`);
    const runs: { id: string; endedAt: string | null }[] = (await answer.json()).result.data.rows;
    for (const { id } of runs.filter(({ endedAt }) => endedAt === null)) {
      await page.request.post("/api/trpc/backfills.cancel", { data: { workspace, id } });
    }
  }
}

/** What the server knows now is what the sandbox has: each meeting once, none missing. */
async function expectTruth(slug: string): Promise<void> {
  const api = openServerApi(world.url, world.adminKey);
  const appointments = await api.list<{ eventId: string; attendeeEmail: string; leadId: string | null }>(
    slug,
    "appointments",
  );
  expect(appointments).toHaveLength(MEETINGS);
  expect(new Set(appointments.map(({ attendeeEmail }) => attendeeEmail)).size).toBe(MEETINGS);
  expect(appointments.every(({ leadId }) => leadId !== null)).toBe(true);
}

const counter = (page: Page, label: string) =>
  page.getByRole("region", { name: "Progress" }).getByText(new RegExp(`^[\\d,]+ ${label}$`));

async function countDone(page: Page): Promise<number> {
  return Number.parseInt((await counter(page, "new or changed").textContent()) ?? "", 10);
}
