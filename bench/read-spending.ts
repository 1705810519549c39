import { readFile } from "node:fs/promises";
import type { Bench } from "./open-bench.ts";

/** Linux counts a process's time in hundredths of a second. */
const TICK_MS = 10;

/** Processor time that was used up to a moment, in ms: by a server process, and by the whole database. */
export type Spending = { process: number; database: number };

/**
 * The one figure of a run that hardly moves with what else the machine is doing. The database's includes its processes that
 * have ended. Zeros where the operating system does not tell.
 */
export async function readSpending({ db }: Bench, pid: number): Promise<Spending> {
  const backends = await db.$queryRaw<{ pid: number }[]>`SELECT pid FROM pg_stat_activity`;
  const pids = backends.map((row) => row.pid);
  const postmaster = await readParent(pids[0] ?? 0);
  const times = await Promise.all([postmaster, ...pids].map(readProcessMs));
  return { process: await readProcessMs(pid), database: times.reduce((sum, ms) => sum + ms, 0) };
}

export function computeSpending(before: Spending | undefined, after: Spending): Spending {
  return {
    process: after.process - (before?.process ?? 0),
    database: after.database - (before?.database ?? 0),
  };
}

async function readProcessMs(pid: number): Promise<number> {
  // Its own time as user and as system, then its ended children's.
  const ticks = (await readStat(pid)).slice(11, 15).map(Number);
  return ticks.reduce((sum, count) => sum + count, 0) * TICK_MS;
}

async function readParent(pid: number): Promise<number> {
  return Number((await readStat(pid))[1] ?? 0);
}

/** What follows the name, which may hold spaces: state, parent, and so on. */
async function readStat(pid: number): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}
