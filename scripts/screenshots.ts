import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "@playwright/test";
import { addHistory, slowDownCalendly } from "../e2e/add-history.ts";
import { type Person, sessionFile } from "../e2e/demo-people.ts";
import { openSandbox } from "../e2e/sandbox.ts";
import { saveSession } from "../e2e/sign-in.ts";
import { startWorld, type World } from "../e2e/start-world.ts";
import { buildClientIfStale } from "./build-client.ts";
import { findChromium } from "./find-chromium.ts";
import { shrinkPng } from "./shrink-png.ts";

const folder = join(import.meta.dirname, "..", "docs", "pictures");

/** Bookings, cancellations and the like that happen before the picture of a connection, so that its webhook has something to show. */
const DELIVERIES = 12;

const LOOKS = [
  { suffix: "light", viewport: { width: 1440, height: 900 }, colorScheme: "light" },
  { suffix: "dark", viewport: { width: 1440, height: 900 }, colorScheme: "dark" },
  { suffix: "phone", viewport: { width: 390, height: 844 }, colorScheme: "light", hasTouch: true },
] as const;

type Picture = {
  name: string;
  as: Person;
  address: string;
  /** Brings the screen to where its picture is taken. */
  arrange: (page: Page, isPhone: boolean) => Promise<void>;
};

const row = (page: Page, grid: string) => page.getByRole("grid", { name: grid }).getByRole("row").nth(1);
const panel = (page: Page) => page.getByRole("complementary");

const PICTURES: Picture[] = [
  {
    name: "red-queue",
    as: "setter",
    address: "/w/northwind/red-queue",
    arrange: async (page, isPhone) => {
      await row(page, "Red tasks").waitFor();
      if (isPhone) return;
      await row(page, "Red tasks").click();
      await panel(page).getByText("You have it").waitFor();
      await panel(page)
        .getByRole("button", { name: /^No answer back/ })
        .waitFor();
    },
  },
  {
    name: "lead",
    as: "inbox",
    address: "/w/harbor/leads?meeting=canceled",
    arrange: async (page) => {
      await row(page, "Leads").click();
      await page.getByRole("heading", { level: 2 }).first().waitFor();
    },
  },
  {
    name: "mismatches",
    as: "ops",
    address: "/w/harbor/mismatches?tab=canceled",
    arrange: async (page, isPhone) => {
      await row(page, "Mismatches").waitFor();
      if (!isPhone)
        await panel(page)
          .getByRole("button", { name: /^Accept/ })
          .first()
          .waitFor();
    },
  },
  {
    name: "bulk-accept",
    as: "ops",
    address: "/w/harbor/mismatches?lead=none",
    arrange: async (page) => {
      await row(page, "Mismatches").waitFor();
      await page.getByRole("main").press("Control+Shift+a");
      await page.getByRole("button", { name: /^Preview accepting/ }).click();
      await panel(page)
        .getByRole("button", { name: /^Accept for/ })
        .waitFor();
    },
  },
  {
    name: "unmatched",
    as: "inbox",
    address: "/w/northwind/unmatched",
    arrange: async (page, isPhone) => {
      await row(page, "Bookings without a lead").waitFor();
      if (isPhone) await row(page, "Bookings without a lead").click();
      await page.getByRole("list", { name: "Suggested leads" }).waitFor();
    },
  },
  {
    name: "connections",
    as: "owner",
    address: "/w/harbor/connections",
    arrange: (page) => row(page, "Connections").waitFor(),
  },
  {
    name: "connection",
    as: "owner",
    address: "/w/northwind/connections/calendly",
    arrange: (page) => page.getByRole("img", { name: /^Coverage/ }).waitFor(),
  },
  {
    name: "backfill",
    as: "owner",
    address: "",
    arrange: async (page) => {
      // Far on, and held up by the provider's limit: what a long run looks like most of the time.
      await page.getByText(/^Waiting for Calendly’s limit/).waitFor({ timeout: 180_000 });
    },
  },
];

/** Pictures of the main screens for the README, from the demo's own data; opens every screen as a person would. */
async function takeScreenshots(): Promise<void> {
  buildClientIfStale();
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const world = await startWorld();
  const executablePath = findChromium();
  const browser = await chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
  const sessions = await mkdtemp(join(tmpdir(), "bookproof-sessions-"));
  try {
    for (const person of new Set(PICTURES.map(({ as }) => as))) {
      await saveSession(world.url, person, sessionFile(person, sessions));
    }
    for (const picture of PICTURES) {
      if (picture.name === "connection") await receiveDeliveries(world);
      const address = picture.address || (await startLongRun(world, browser, sessions));
      for (const look of LOOKS) await take(world, browser, sessions, { ...picture, address }, look);
      console.log(picture.name);
    }
  } finally {
    await browser.close();
    await rm(sessions, { recursive: true, force: true });
    await world.stop();
  }
}

async function take(
  world: World,
  browser: Browser,
  sessions: string,
  { name, as, address, arrange }: Picture,
  { suffix, ...look }: (typeof LOOKS)[number],
): Promise<void> {
  const context = await browser.newContext({
    baseURL: world.url,
    storageState: sessionFile(as, sessions),
    ...look,
    reducedMotion: "reduce",
    locale: "en-US",
    timezoneId: "America/New_York",
  });
  const page = await context.newPage();
  await page.goto(address);
  await arrange(page, suffix === "phone");
  await page.evaluate(() => document.fonts.ready);
  await page.mouse.move(0, 0);
  const png = await page.screenshot({ animations: "disabled", caret: "hide" });
  await writeFile(join(folder, `${name}-${suffix}.png`), shrinkPng(png));
  await context.close();
}

async function receiveDeliveries({ sandboxUrl }: World): Promise<void> {
  const { control } = openSandbox(sandboxUrl);
  for (let act = 0; act < DELIVERIES; act += 1) await control("POST", "/trickle/act");
  await control("POST", "/deliveries/flush");
}

/** A run over meetings nobody had recorded, still going when its pictures are taken; answers its address. */
async function startLongRun(world: World, browser: Browser, sessions: string): Promise<string> {
  const { slug, firstDay, lastDay } = await addHistory(world, {
    meetings: 240,
    name: "Cedar Lane",
    suffix: "",
  });
  await slowDownCalendly(world, 100);
  const context = await browser.newContext({
    baseURL: world.url,
    storageState: sessionFile("owner", sessions),
  });
  const page = await context.newPage();
  await page.goto(`/w/${slug}/backfills?start=true`);
  await page.getByLabel("First day").fill(firstDay);
  await page.getByLabel("Last day").fill(lastDay);
  await page.getByRole("button", { name: /^Start backfill of ~/ }).click();
  await page.getByRole("heading", { level: 1, name: /^Backfill \d+$/ }).waitFor();
  const address = new URL(page.url()).pathname;
  await context.close();
  return address;
}

await takeScreenshots();
