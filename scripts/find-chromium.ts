import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "@playwright/test";

const COMMANDS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** A browser that is already here: CHROMIUM_PATH, Playwright's own, then whatever is on PATH. */
export function findChromium(variables: Record<string, string | undefined> = process.env): string | null {
  if (variables.CHROMIUM_PATH) return isExecutable(variables.CHROMIUM_PATH) ? variables.CHROMIUM_PATH : null;
  const own = chromium.executablePath();
  if (own && isExecutable(own)) return own;
  const folders = (variables.PATH ?? "").split(delimiter).filter(Boolean);
  const found = COMMANDS.flatMap((command) => folders.map((folder) => join(folder, command)));
  return found.find(isExecutable) ?? null;
}

/** Playwright's download, else Debian's package where we may install it; null when neither worked. */
export function installChromium(): string | null {
  console.log("No Chromium found: installing one for the browser tests …");
  const playwright = join(import.meta.dirname, "..", "node_modules", "@playwright", "test", "cli.js");
  run(process.execPath, [playwright, "install", "chromium"]);
  const installed = findChromium();
  if (installed || process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) return installed;
  run("apt-get", ["update", "-qq"]);
  run("apt-get", ["install", "-y", "-qq", "chromium"]);
  return findChromium();
}

function run(command: string, args: string[]): void {
  spawnSync(command, args, {
    stdio: ["ignore", "inherit", "inherit"],
    timeout: 300_000,
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
