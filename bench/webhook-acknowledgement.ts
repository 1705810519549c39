import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "#server/lib/clock.ts";
import { addDays, addMs, HOUR_MS, MINUTE_MS, startOfUtcDay } from "#server/lib/duration.ts";
import { type Bench, openBench } from "./open-bench.ts";
import { openServers } from "./open-servers.ts";
import { printTable } from "./print-table.ts";
import { computeSpending, readSpending } from "./read-spending.ts";
import type { Delivery, SendOrder, Sent } from "./send-deliveries.ts";

const PER_SECOND = 200;
/** `SECONDS` makes it shorter, to try it out. */
const SECONDS = Number(process.env.SECONDS ?? 30);
const BARE_SECONDS = SECONDS / 2 + 3;
const WORKED_ON_WITHIN_MS = 10 * MINUTE_MS;
/** An installation of some size: the providers' limits are per account. */
const WORKSPACES = 60;
/** Each booking is told of this many times, by different events. */
const EVENTS = ["invitee.created", "invitee.canceled", "invitee_no_show.created", "invitee_no_show.deleted"];
const BOOKINGS = Math.ceil((PER_SECOND * SECONDS) / WORKSPACES / EVENTS.length);
const TARGET_P99_MS = 50;
/** The first requests after a start meet cold code: before, strangers' events warm it; after the kill, nobody does. */
const STRANGERS = 600;
const COLD_MS = 6_000;
const SIGNING_KEY = "bench-signing-key-of-at-least-32-characters";

/**
 * Signed deliveries at a steady rate to a server process, with another one working on them, and a kill -9 of the first
 * half-way: how long a sender waits for its acknowledgement, and what became of what was acknowledged.
 */
export async function benchWebhookAcknowledgement(): Promise<void> {
  await using bench = await openBench();
  await using servers = await openServers(bench);
  const { url, start } = servers;
  const deliveries = await prepare(bench, url);

  const bare = await measureBare(bench, deliveries.slice(0, PER_SECOND * BARE_SECONDS));
  const web = await start("web");
  const worker = await start("worker");
  await send({ deliveries: strangersOf(deliveries), signingKey: SIGNING_KEY, perSecond: PER_SECOND / 2 });
  const readings = [await readSpending(bench, web.pid), await readSpending(bench, worker.pid)];
  const sending = send({ deliveries, signingKey: SIGNING_KEY, perSecond: PER_SECOND });
  await sleep((SECONDS / 2) * 1_000);
  const killedAt = Date.now();
  const receiver = computeSpending(readings[0], await readSpending(bench, web.pid));
  await web.end("SIGKILL");
  const next = await start("web");
  const restartedAt = Date.now();
  const sent = await sending;
  const sentAt = performance.now();
  await untilWorkedOn(bench);
  const drainSeconds = (performance.now() - sentAt) / 1_000;

  const isCalm = ({ firstAt, acknowledgedAt }: Sent) =>
    acknowledgedAt < killedAt || firstAt > restartedAt + COLD_MS;
  const calm = sent.filter(isCalm);
  const disturbed = sent.filter((one) => !isCalm(one));
  const waits = ({ firstAt, acknowledgedAt }: Sent) => acknowledgedAt - firstAt;
  const warmBare = bare.slice(STRANGERS);
  const bareFigures = figures(warmBare.map(waits));
  const row = (name: string, ms: number[]) => {
    const { p50, p99, max } = figures(ms);
    return [
      name,
      String(ms.length),
      ...[p50, p99, max].map((each) => each.toFixed(1)),
      (p99 / bareFigures.p99).toFixed(1),
    ];
  };
  printTable(
    `Webhooks acknowledged at ${PER_SECOND}/s (${SECONDS} s, killed for ${((restartedAt - killedAt) / 1_000).toFixed(1)} s)`,
    [
      ["milliseconds until 2xx", "deliveries", "p50", "p99", "max", "p99 × bare"],
      row("bare Express and one INSERT", warmBare.map(waits)),
      row("calm", calm.map(waits)),
      row("around the kill, with retries", disturbed.map(waits)),
      row(
        "around the kill, the try that was taken",
        disturbed.map(({ lastAt, acknowledgedAt }) => acknowledgedAt - lastAt),
      ),
    ],
  );
  const working = computeSpending(readings[1], await readSpending(bench, worker.pid));
  printTable("Processor time for each delivery", [
    ["milliseconds", "each"],
    [
      "receiver, until it was killed",
      (receiver.process / sent.filter(({ acknowledgedAt }) => acknowledgedAt < killedAt).length).toFixed(2),
    ],
    ["worker", (working.process / sent.length).toFixed(2)],
    ["database", (working.database / sent.length).toFixed(2)],
  ]);
  const isWhole = await reportTables(bench, sent, drainSeconds);
  const isFast = figures(calm.map(waits)).p99 < TARGET_P99_MS;
  console.log(`p99 ${isFast ? "within" : "OVER"} the target of ${TARGET_P99_MS} ms.\n`);
  for (const line of [web, next, worker].flatMap(({ complaints }) => complaints.slice(0, 3)))
    console.log(line);
  if (!isWhole) process.exitCode = 1;
}

/** Events that nobody asked for: stored and let be. */
function strangersOf(deliveries: Delivery[]): Delivery[] {
  return deliveries.slice(0, STRANGERS).map(({ url, body }, at) => ({
    url,
    body: JSON.stringify({ ...JSON.parse(body), event: "routing_form_submission.created", at }),
  }));
}

/** Workspaces with leads, connections of a known signing key, and bookings told of by four events each. */
async function prepare(bench: Bench, url: string): Promise<Delivery[]> {
  const bodies: Delivery[][] = [];
  for (let at = 0; at < WORKSPACES; at++) bodies.push(await prepareWorkspace(bench, url, at));
  // One of each workspace in turn, all of one event before the next: as bookings come in, everywhere at once.
  const perWorkspace = BOOKINGS * EVENTS.length;
  return Array.from({ length: perWorkspace }, (_, at) => bodies.flatMap((each) => each[at] ?? [])).flat();
}

async function prepareWorkspace(
  { db, deps, control, sandboxUrl }: Bench,
  url: string,
  at: number,
): Promise<Delivery[]> {
  const now = systemClock.now();
  const { organization, users, eventTypes } = await control("/calendly/organizations", {
    name: `Ridgeline ${at}`,
    users: [{ name: "Dana Ruiz", email: `dana@ridgeline${at}.example` }],
    eventTypes: [{ name: "Intro call" }],
  });
  const workspace = await db.workspace.create({ data: { slug: `bench-${at}`, name: `Bench ${at}` } });
  await db.connection.create({
    data: {
      workspaceId: workspace.id,
      provider: "calendly",
      state: "healthy",
      fullScope: true,
      organizationId: organization.id,
      ownerId: users[0].id,
      tokenSealed: deps.secrets.seal(users[0].token),
      signingKeySealed: deps.secrets.seal(SIGNING_KEY),
      // Nothing but webhooks is due for as long as this takes.
      hotSweptAt: addMs(now, HOUR_MS),
      warmSweptAt: addMs(now, HOUR_MS),
      coldSweptAt: now,
      lastCheckAt: addMs(now, HOUR_MS),
    },
  });
  const emails = Array.from({ length: BOOKINGS }, (_, guest) => `guest${guest}@ridgeline${at}.example`);
  const since = { statusAt: now, sentimentAt: now, createdAt: now, updatedAt: now };
  await db.lead.createMany({
    data: emails.map((email) => ({ workspaceId: workspace.id, email, firstName: "Guest", ...since })),
  });
  const { booked } = await control(
    "/calendly/bulk-book",
    emails.map((email, guest) => ({
      organization: organization.id,
      eventType: eventTypes[0].id,
      start: addMs(addDays(startOfUtcDay(now), 1 + guest), 9 * HOUR_MS + at * MINUTE_MS).toISOString(),
      invitee: { email, name: `Guest ${guest}` },
    })),
  );
  const read = async (path: string) => {
    const headers = { authorization: `Bearer ${users[0].token}` };
    const response = await fetch(`${sandboxUrl}/calendly${path}`, { headers });
    return ((await response.json()) as { resource: object }).resource;
  };
  const payloads: object[] = [];
  for (const { eventId, inviteeId } of booked) {
    const invitee = await read(`/scheduled_events/${eventId}/invitees/${inviteeId}`);
    payloads.push({ ...invitee, scheduled_event: await read(`/scheduled_events/${eventId}`) });
  }
  return EVENTS.flatMap((event) =>
    payloads.map((payload) => ({
      url: `${url}/api/webhooks/calendly/${workspace.id}`,
      body: JSON.stringify({ event, created_at: now.toISOString(), created_by: users[0].uri, payload }),
    })),
  );
}

async function measureBare(bench: Bench, deliveries: Delivery[]): Promise<Sent[]> {
  const receiver = fork(join(import.meta.dirname, "bare-receiver.ts"), [bench.databaseUrl]);
  const [port] = await once(receiver, "message");
  const order = deliveries.map(({ body }) => ({ body, url: `http://127.0.0.1:${port}/` }));
  const sent = await send({ deliveries: order, signingKey: SIGNING_KEY, perSecond: PER_SECOND });
  receiver.kill("SIGKILL");
  return sent;
}

async function send(order: SendOrder): Promise<Sent[]> {
  const sender: ChildProcess = fork(join(import.meta.dirname, "send-deliveries.ts"));
  sender.send(order);
  const [sent] = await once(sender, "message");
  return sent as Sent[]; // the only message that it sends
}

async function untilWorkedOn({ db }: Bench): Promise<void> {
  const open = { result: "accepted" as const, processedAt: null };
  const endsAt = performance.now() + WORKED_ON_WITHIN_MS;
  while (performance.now() < endsAt && (await db.webhookDelivery.count({ where: open })) > 0)
    await sleep(200);
}

/** Every acknowledged delivery is a row, worked on once, and its effect is there once. */
async function reportTables({ db }: Bench, sent: Sent[], drainSeconds: number): Promise<boolean> {
  const accepted = { result: "accepted" as const };
  const stored = await db.webhookDelivery.aggregate({
    where: accepted,
    _count: true,
    _sum: { duplicates: true },
  });
  const once = await db.webhookDelivery.count({ where: { ...accepted, tries: 1 } });
  const facts = {
    appointments: await db.appointment.count(),
    changes: await db.appointmentChange.count({ where: { kind: "booked" } }),
    booked: await db.lead.count({ where: { meetingState: "booked" } }),
  };
  const bookings = WORKSPACES * BOOKINGS;
  printTable("What became of them", [
    ["", "counted", "expected"],
    ["acknowledged", String(sent.length), String(WORKSPACES * BOOKINGS * EVENTS.length)],
    ["stored", String(stored._count), String(sent.length)],
    ["worked on exactly once", String(once), String(sent.length)],
    ["sent again although stored", String(stored._sum.duplicates ?? 0), ""],
    ["appointments", String(facts.appointments), String(bookings)],
    ["bookings in their history", String(facts.changes), String(bookings)],
    ["leads with a meeting", String(facts.booked), String(bookings)],
    ["seconds until all was worked on", drainSeconds.toFixed(0), ""],
  ]);
  return (
    stored._count === sent.length &&
    once === sent.length &&
    Object.values(facts).every((count) => count === bookings)
  );
}

function figures(ms: number[]): { p50: number; p99: number; max: number } {
  const sorted = [...ms].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
