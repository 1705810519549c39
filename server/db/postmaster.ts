import { spawn, spawnSync } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { OsUser } from "./postgres-os-user.ts";

/** What PostgreSQL itself writes about its main process into its data folder. */
export type Postmaster = { pid: number; port: number; status: string };

/**
 * The server process of this data folder, or null when none lives. A pid file left by a dead process is
 * PostgreSQL's to clean up, except when the number has been given to some other program since, or the dead
 * process is never waited for (both common in containers): PostgreSQL would refuse to start, so that file
 * is removed here.
 */
export async function findPostmaster(clusterFolder: string): Promise<Postmaster | null> {
  const file = join(clusterFolder, "postmaster.pid");
  const text = await readFile(file, "utf8").catch(() => null);
  if (text === null) return null;
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  const program = readProgramName(pid);
  if (program === null) return null;
  if (!program.includes("postgres")) {
    await rm(file, { force: true });
    return null;
  }
  return { pid, port: Number(lines[3] ?? 0), status: (lines[7] ?? "").trim() };
}

/** Null when no such process lives. */
function readProgramName(pid: number): string | null {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return null;
  }
  if (process.platform === "win32") return "postgres";
  const ps = spawnSync("ps", ["-o", "stat=,comm=", "-p", String(pid)], { encoding: "utf8" });
  if (ps.error) return "postgres"; // no ps here: believe the file
  const [state = "", ...command] = ps.stdout.trim().split(/\s+/);
  if (state === "") return null;
  return state.startsWith("Z") ? "(dead, not waited for)" : command.join(" ");
}

export type ProgramResult = { ok: boolean; output: string };

/** Runs one of PostgreSQL's own programs to its end, as the given account. */
export function runProgram(path: string, args: string[], osUser: OsUser | null): Promise<ProgramResult> {
  return new Promise((resolve) => {
    // Detached: Ctrl-C in a terminal reaches the whole process group, and the database must outlive our own shutdown.
    const child = spawn(path, args, {
      ...osUser,
      cwd: "/",
      detached: process.platform !== "win32",
      env: { ...process.env, LC_ALL: "C", PGOPTIONS: "" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr.on("data", (chunk) => {
      output += chunk;
    });
    child.on("error", (error) => resolve({ ok: false, output: error.message }));
    child.on("close", (code) => resolve({ ok: code === 0, output: output.trim() }));
  });
}
