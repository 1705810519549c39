import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { addAcme, bookIntro, openReceiver, openSandbox } from "./testing/open-sandbox.ts";

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sandbox-world-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("is on disk as soon as a save is answered", async () => {
  const worldFile = join(makeFolder(), "world.json");
  const sandbox = await openSandbox({ worldFile });
  const acme = await addAcme(sandbox);
  await sandbox.control("POST", "/save");
  expect(readFileSync(worldFile, "utf8")).toContain(acme.organization.split("/").at(-1));
});

test("goes on with the world, the clock and the waiting deliveries of the former run", async () => {
  const worldFile = join(makeFolder(), "nested", "world.json");
  const first = await openSandbox({ worldFile, now: "2026-11-20T10:00:00Z" });
  const acme = await addAcme(first);
  const receiver = await openReceiver();
  receiver.state.status = 500;
  await first.calendly("POST", "/webhook_subscriptions", "ada-token", {
    url: receiver.url,
    events: ["invitee.created"],
    organization: acme.organization,
    scope: "organization",
  });
  const booked = await bookIntro(first);
  await first.control("POST", "/deliveries/flush");
  await first.close();

  const second = await openSandbox({ worldFile });
  expect((await second.control("GET", "/clock")).body).toEqual({
    now: "2026-11-20T10:00:00.000Z",
    isFrozen: true,
  });
  const path = `/scheduled_events?organization=${acme.organization}&invitee_email=lee@buyer.example`;
  const { body } = await second.calendly("GET", path, "ada-token");
  expect(body.collection[0].uri).toBe(booked.event.uri);
  expect(body.collection[0].invitees_counter).toEqual({ total: 1, active: 1, limit: 1 });
  receiver.state.status = 200;
  await second.control("POST", "/clock", { advanceMs: 2_000 });
  expect((await second.control("POST", "/deliveries/flush")).body).toMatchObject({
    delivered: 1,
    pending: 0,
  });
});

test("falls back to the former file when the latest was cut short", async () => {
  const worldFile = join(makeFolder(), "world.json");
  const first = await openSandbox({ worldFile });
  await addAcme(first);
  await first.close();
  const again = await openSandbox({ worldFile });
  await bookIntro(again);
  await again.close();
  const whole = readFileSync(worldFile, "utf8");
  writeFileSync(worldFile, whole.slice(0, whole.length / 2));
  const third = await openSandbox({ worldFile });
  expect((await third.control("GET", "/state")).body).toMatchObject({ organizations: 1, events: 0 });
});

test("survives being killed: what was booked before the last save is there", async () => {
  const folder = makeFolder();
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts")], {
    env: { ...process.env, SANDBOX_PORT: "0", DATA_DIR: folder, SANDBOX_WORLD: "empty" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  let url = "";
  for await (const line of createInterface({ input: child.stdout })) {
    url = /^Sandbox: (http:\S+)\/calendly,/.exec(line)?.[1] ?? "";
    if (url) break;
  }
  const file = join(folder, "sandbox-world.json");
  await fetch(`${url}/control/highlevel/locations`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "Lumen", token: "pit-lumen" }),
  });
  await expect.poll(() => readFileSync(file, "utf8"), { timeout: 20_000 }).toContain("pit-lumen");
  child.kill("SIGKILL");
  await exited;
  const after = await openSandbox({ worldFile: file });
  expect((await after.control("GET", "/state")).body.locations).toBe(1);
});
