import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "#server/lib/errors.ts";

const root = join(import.meta.dirname, "..");
const built = join(root, "dist", "client", "index.html");
/** What the console is made of; a change in any of it calls for a new build. */
const SOURCES = ["client", "vite.config.ts", "package-lock.json"];

/** Builds the console when there is no build yet, or one older than its sources. */
export function buildClientIfStale(): void {
  const vite = join(root, "node_modules", "vite", "bin", "vite.js");
  const hasBuild = existsSync(built);
  // An installation without development packages brings its build along and cannot make another.
  if (hasBuild && (!existsSync(vite) || newestChange(SOURCES) <= statSync(built).mtimeMs)) return;
  console.log("Building the console …");
  const { status } = spawnSync(process.execPath, [vite, "build", "--logLevel", "warn"], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) throw new AppError("build_failed", "The console could not be built (see above).");
}

function newestChange(paths: string[]): number {
  return Math.max(0, ...paths.map((path) => changedAt(join(root, path))));
}

function changedAt(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  const inside = readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.name.includes(".test."))
    .map((entry) => statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return Math.max(stats.mtimeMs, ...inside);
}

if (import.meta.main) buildClientIfStale();
