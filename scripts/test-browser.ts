import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { buildClientIfStale } from "./build-client.ts";
import { findChromium, installChromium } from "./find-chromium.ts";

const root = join(import.meta.dirname, "..");

/** Playwright with a browser that is here or can be had; arguments go on to Playwright. */
function runBrowserTests(): number {
  const given = process.env.CHROMIUM_PATH;
  const browser = findChromium() ?? (given ? null : installChromium());
  if (!browser) {
    console.error(
      given
        ? "CHROMIUM_PATH names no program that can be run: correct it, or unset it to look elsewhere."
        : "The browser tests need Chromium, which could not be installed: have an administrator run `apt-get install chromium`, or set CHROMIUM_PATH.",
    );
    return 1;
  }
  buildClientIfStale();
  const playwright = join(root, "node_modules", "@playwright", "test", "cli.js");
  const { status } = spawnSync(process.execPath, [playwright, "test", ...process.argv.slice(2)], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, CHROMIUM_PATH: browser },
  });
  return status ?? 1;
}

process.exitCode = runBrowserTests();
