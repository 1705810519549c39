import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "#server/lib/clock.ts";
import { addDays, addMs, HOUR_MS, MINUTE_MS, SECOND_MS, startOfUtcDay } from "#server/lib/duration.ts";
import { computeMostInWindow } from "#server/processes/read-windows.ts";
import { ADMIN_KEY, type ServerProcess } from "#server/processes/start-process.ts";
import { TRAVEL_SLACK_MS } from "#server/providers/rate-bucket.ts";
import { type Bench, connectBench, openBench } from "./open-bench.ts";
import { openServers } from "./open-servers.ts";
import { printTable } from "./print-table.ts";

const SECONDS = Number(process.env.SECONDS ?? 60);
/** More people than either provider's limit lets be read in the time. */
const MEETINGS = 2_000;
/** Looked up one by one by the workers, as hot leads are. */
const LOOKUPS = 600;
/** People who look at a lead here and there: about as often as their share of Calendly's limit lets them. */
const CHECKS_EVERY_MS = 2 * SECOND_MS;
/** What reconciling may use up while people are about; the rest is theirs. */
const SHARED = 0.85;
const TARGETS = { used: 0.9, liveP99Ms: 2_000 };

type LoggedCall = { arrivedMs: number; provider: string; status: number };
type Limit = { provider: "calendly" | "highlevel"; limit: number; windowMs: number };

const LIMITS: Limit[] = [
  { provider: "calendly", limit: 250, windowMs: MINUTE_MS },
  { provider: "highlevel", limit: 90, windowMs: 10 * SECOND_MS },
];

/**
 * Four processes on one account of each provider, with more to read than the limits allow: what the providers counted in
 * any window, wherever it begins, and how long people waited meanwhile.
 */
export async function benchQuota(): Promise<void> {
  await using bench = await openBench();
  await bench.control("/settings", { enforceLimits: true });
  const place = await connectBench(bench);
  const rooms = [await fillCalendly(bench, place), await fillHighlevel(bench)];

  await using servers = await openServers(bench);
  const { url, start } = servers;
  const web = await start("web");
  const call = createCaller(url);
  const today = startOfUtcDay(systemClock.now());
  for (const { workspaceId } of rooms) {
    const days = { from: today.toISOString(), to: addDays(today, 60).toISOString() };
    await call(workspaceId, "/backfills", days);
  }
  // A sweep of a location costs few calls; looking its leads up one by one does not.
  for (const leadId of rooms[1]?.leadIds.slice(0, LOOKUPS) ?? []) {
    await bench.deps.queue.send("look-up-lead", { leadId }, { key: leadId });
  }
  await bench.control("/calls/reset");
  const workers: ServerProcess[] = [];
  for (let each = 0; each < 3; each++) {
    workers.push(await start("worker"));
  }
  // The first look after a start meets cold code.
  for (const { workspaceId, leadIds } of rooms) await call(workspaceId, `/leads/${leadIds[0]}/check`, {});
  const startedAt = Date.now();
  const waits = await checkLeads(call, rooms, SECONDS * 1_000);
  const endedAt = Date.now();
  const { calls } = await bench.control("/calls/log", undefined, "GET");

  const rows = LIMITS.map((limit) => measure(calls, limit, { startedAt, endedAt }));
  printTable(`Four processes on one account of each, ${SECONDS} seconds`, [
    ["", "ours", "most in any window", "mean", "of the limit", "of what work may use", "refused"],
    ...rows.map(({ cells }) => cells),
  ]);
  const p50 = percentile(waits, 0.5);
  const p99 = percentile(waits, 0.99);
  console.log(
    `A person's look at one lead, ${waits.length} times: p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms ` +
      `(${p99 < TARGETS.liveP99Ms ? "within" : "OVER"} ${TARGETS.liveP99Ms} ms).\n`,
  );
  for (const line of [web, ...workers].flatMap(({ complaints }) => complaints.slice(0, 3))) console.log(line);
  if (rows.some(({ isGood }) => !isGood) || p99 >= TARGETS.liveP99Ms) process.exitCode = 1;
}

function measure(
  log: LoggedCall[],
  { provider, limit, windowMs }: Limit,
  span: { startedAt: number; endedAt: number },
) {
  const calls = log.filter((call) => call.provider === provider);
  const times = calls.map(({ arrivedMs }) => arrivedMs).sort((a, b) => a - b);
  const refused = calls.filter(({ status }) => status === 429).length;
  const most = computeMostInWindow(times, windowMs);
  const during = times.filter((at) => at >= span.startedAt && at < span.endedAt).length;
  // Our windows are a little longer than the provider's: nobody may use more than this.
  const mean = (during / (span.endedAt - span.startedAt)) * (windowMs + TRAVEL_SLACK_MS);
  const used = mean / (limit * SHARED);
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  const windows = Math.ceil((span.endedAt - span.startedAt) / windowMs);
  return {
    isGood: most <= limit && used >= TARGETS.used && refused <= windows,
    cells: [
      `${provider}, ${windowMs / 1_000} s`,
      String(limit),
      `${most}${most > limit ? " OVER" : ""}`,
      mean.toFixed(0),
      percent(mean / limit),
      `${percent(used)}${used < TARGETS.used ? " UNDER" : ""}`,
      String(refused),
    ],
  };
}

type Room = { workspaceId: string; leadIds: string[] };

const EMAILS = Array.from({ length: MEETINGS }, (_, at) => `guest${at}@ridgeline.example`);

function startOf(at: number): string {
  const day = addDays(startOfUtcDay(systemClock.now()), at % 60);
  return addMs(day, 9 * HOUR_MS + Math.floor(at / 60) * 10 * MINUTE_MS).toISOString();
}

async function fillCalendly(bench: Bench, place: Awaited<ReturnType<typeof connectBench>>): Promise<Room> {
  await bench.control(
    "/calendly/bulk-book",
    EMAILS.map((email, at) => ({
      organization: place.organizationId,
      eventType: "Intro call",
      start: startOf(at),
      invitee: { email, name: `Guest ${at}` },
    })),
  );
  return fillLeads(bench, place.workspaceId);
}

async function fillHighlevel(bench: Bench): Promise<Room> {
  const { db, deps, control } = bench;
  const location = await control("/highlevel/locations", {
    name: "Lumen",
    users: [{ name: "Dana Ruiz", email: "dana@lumen.example" }],
    calendars: [{ name: "Intro call" }],
    contacts: EMAILS.map((email, at) => ({ firstName: "Guest", lastName: String(at), email })),
  });
  await control(
    "/highlevel/bulk-book",
    EMAILS.map((_, at) => ({
      location: location.location.id,
      calendar: location.calendars[0].id,
      contact: location.contacts[at].id,
      start: startOf(at),
    })),
  );
  const { id: workspaceId } = await db.workspace.create({ data: { slug: "lumen", name: "Lumen" } });
  await db.connection.create({
    data: {
      workspaceId,
      provider: "highlevel",
      state: "healthy",
      fullScope: true,
      timezone: location.location.timezone,
      locationId: location.location.id,
      tokenSealed: deps.secrets.seal(location.token),
    },
  });
  return fillLeads(bench, workspaceId);
}

async function fillLeads({ db }: Bench, workspaceId: string): Promise<Room> {
  const now = systemClock.now();
  const since = { statusAt: now, sentimentAt: now, createdAt: now, updatedAt: now };
  await db.lead.createMany({ data: EMAILS.map((email) => ({ workspaceId, email, ...since })) });
  const rows = await db.lead.findMany({ where: { workspaceId }, select: { id: true } });
  return { workspaceId, leadIds: rows.map(({ id }) => id) };
}

type Caller = (workspaceId: string, path: string, body: unknown) => Promise<void>;

function createCaller(url: string): Caller {
  return async (workspaceId, path, body) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${ADMIN_KEY}`,
        "x-workspace-id": workspaceId,
      },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  };
}

/** Looks at one lead after the other, here and there, at a steady pace; answers how long each look took. */
async function checkLeads(call: Caller, rooms: Room[], forMs: number): Promise<number[]> {
  const endsAt = performance.now() + forMs;
  const looks: Promise<number>[] = [];
  for (let at = 0; performance.now() < endsAt; at++) {
    const { workspaceId, leadIds } = rooms[at % rooms.length] ?? { workspaceId: "", leadIds: [] };
    const leadId = leadIds[leadIds.length - 1 - at];
    const startedAt = performance.now();
    const look = call(workspaceId, `/leads/${leadId}/check`, {});
    looks.push(look.then(() => performance.now() - startedAt));
    await sleep(CHECKS_EVERY_MS);
  }
  return Promise.all(looks);
}

function percentile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
