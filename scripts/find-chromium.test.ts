import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { findChromium } from "./find-chromium.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bookproof-browser-"));
  vi.spyOn(chromium, "executablePath").mockReturnValue(join(folder, "of-playwright"));
});

afterEach(() => rmSync(folder, { recursive: true }));

function makeProgram(name: string): string {
  const path = join(folder, name);
  writeFileSync(path, "");
  chmodSync(path, 0o755);
  return path;
}

test("takes CHROMIUM_PATH before anything else", () => {
  makeProgram("of-playwright");
  const given = makeProgram("given");
  expect(findChromium({ CHROMIUM_PATH: given, PATH: folder })).toBe(given);
});

test("finds nothing where CHROMIUM_PATH is wrong, rather than another browser than the one asked for", () => {
  makeProgram("chromium");
  expect(findChromium({ CHROMIUM_PATH: join(folder, "missing"), PATH: folder })).toBeNull();
});

test("takes Playwright's own before one on PATH", () => {
  const own = makeProgram("of-playwright");
  makeProgram("chromium");
  expect(findChromium({ PATH: folder })).toBe(own);
});

test("takes chromium on PATH before google-chrome", () => {
  makeProgram("google-chrome");
  const found = makeProgram("chromium");
  expect(findChromium({ PATH: `/nowhere:${folder}` })).toBe(found);
});

test("finds nothing where there is nothing", () => {
  expect(findChromium({ PATH: folder })).toBeNull();
});
