import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "#server/lib/clock.ts";
import { addDays, addMs, HOUR_MS, MINUTE_MS, startOfUtcDay } from "#server/lib/duration.ts";
import { ADMIN_KEY } from "#server/processes/start-process.ts";
import { fillLeads, LEADS } from "./apply-appointments.ts";
import { type Bench, connectBench, openBench } from "./open-bench.ts";
import { openServers } from "./open-servers.ts";
import { printTable } from "./print-table.ts";

const MEETINGS = Number(process.env.MEETINGS ?? 6_000);
const DAYS = 120;
const BOOKED_AT_ONCE = 1_000;
const TARGET_MB = 350;

/**
 * A whole server, which answers, sweeps and works, through a backfill of months over a workspace of a million leads: the
 * most memory that the operating system ever saw it hold.
 */
export async function benchBackfillMemory(): Promise<void> {
  await using bench = await openBench();
  // What is measured is room, not pace: the limit is as high as that nothing ever waits.
  await bench.control("/settings", { enforceLimits: false, calendlyLimit: 1_000_000 });
  const place = await connectBench(bench);
  await fillLeads(bench.db, place.workspaceId);
  await bookMeetings(bench, place.organizationId);

  await using servers = await openServers(bench);
  const server = await servers.start("all");
  const rows = [["", "resident MB", "peak MB"]];
  const note = async (moment: string) => {
    const { resident, peak } = await readMemory(server.pid);
    rows.push([moment, resident.toFixed(0), peak.toFixed(0)]);
    return peak;
  };
  await note("started");
  const startedAt = performance.now();
  const id = await startBackfill(servers.url, place.workspaceId);
  const { state, done } = await untilEnded(bench, id);
  const seconds = (performance.now() - startedAt) / 1_000;
  const peak = await note(`after ${done} meetings of a backfill (${state}) in ${seconds.toFixed(0)} s`);

  printTable(`Memory of a server, ${LEADS.toLocaleString("en-US")} leads in the workspace`, rows);
  const isGood = peak < TARGET_MB && state === "succeeded" && done === MEETINGS;
  console.log(`Peak ${peak < TARGET_MB ? "within" : "OVER"} the target of ${TARGET_MB} MB.\n`);
  for (const line of server.complaints.slice(0, 3)) console.log(line);
  if (!isGood) process.exitCode = 1;
}

/** One meeting each for leads spread over the whole table, half of them over. */
async function bookMeetings({ control }: Bench, organization: string): Promise<void> {
  const first = addDays(startOfUtcDay(systemClock.now()), -DAYS / 2);
  const meetings = Array.from({ length: MEETINGS }, (_, at) => ({
    organization,
    eventType: "Intro call",
    start: addMs(
      addDays(first, at % DAYS),
      9 * HOUR_MS + Math.floor(at / DAYS) * 10 * MINUTE_MS,
    ).toISOString(),
    invitee: { email: `lead${(at * 7_919) % LEADS}@ridgeline.example`, name: `Lead ${at}` },
  }));
  for (let from = 0; from < MEETINGS; from += BOOKED_AT_ONCE) {
    await control("/calendly/bulk-book", meetings.slice(from, from + BOOKED_AT_ONCE));
  }
}

async function startBackfill(url: string, workspaceId: string): Promise<string> {
  const today = startOfUtcDay(systemClock.now());
  const response = await fetch(`${url}/api/v1/backfills`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${ADMIN_KEY}`,
      "x-workspace-id": workspaceId,
    },
    body: JSON.stringify({
      from: addDays(today, -DAYS / 2).toISOString(),
      to: addDays(today, DAYS / 2).toISOString(),
    }),
  });
  const body = (await response.json()) as { id: string };
  if (!response.ok) throw new Error(`backfills: ${response.status} ${JSON.stringify(body)}`);
  return body.id;
}

const UNDER_WAY = ["queued", "running", "waiting", "pausing", "canceling"];

/** How it ended, and how many meetings it found, new ones and those that a sweep had found before it. */
async function untilEnded({ db }: Bench, id: string): Promise<{ state: string; done: number }> {
  for (;;) {
    const { state, slices } = await db.backfill.findUniqueOrThrow({
      where: { id },
      select: { state: true, slices: { select: { done: true, known: true } } },
    });
    if (!UNDER_WAY.includes(state)) {
      return { state, done: slices.reduce((sum, slice) => sum + slice.done + slice.known, 0) };
    }
    await sleep(500);
  }
}

/** As the operating system tells it, in MB: now, and at the most since the process began. */
async function readMemory(pid: number): Promise<{ resident: number; peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const readMb = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)?.[1]) / 1_024;
  return { resident: readMb("VmRSS"), peak: readMb("VmHWM") };
}
