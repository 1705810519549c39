import { SYSTEM } from "#server/audit/actor.ts";
import { upsertLeads } from "#server/leads/upsert-leads.ts";
import { systemClock } from "#server/lib/clock.ts";
import { addDays, addMs, MINUTE_MS, startOfUtcDay } from "#server/lib/duration.ts";
import { lookUpLead } from "#server/reconcile/look-up-lead.ts";
import { sweepConnection } from "#server/reconcile/sweep-connection.ts";
import { type Bench, connectBench, openBench } from "./open-bench.ts";
import { printTable } from "./print-table.ts";

const LEADS = 10_000;
const MEETINGS = 1_500;
/** Lookups under way at once: calls are counted, time is not what this is about. */
const PARALLEL = 8;
const TARGETS = { first: 1_600, steady: 20, lookup: 12_000 };

/** How many provider calls it takes to verify every lead, counted at the sandbox, and whether both ways find the same. */
export async function benchProviderCalls(): Promise<void> {
  await using bench = await openBench();
  const place = await connectBench(bench);
  await bookMeetings(bench, place.organizationId);

  const swept = await fillLeads(bench, place.workspaceId);
  const first = await countCalls(bench, () => sweep(bench, place.connectionId));
  const steady = await countCalls(bench, () => sweep(bench, place.connectionId));
  const bySweep = await evidence(bench, place.workspaceId);

  await bench.db.appointment.deleteMany({ where: { workspaceId: place.workspaceId } });
  await bench.db.lead.deleteMany({ where: { workspaceId: place.workspaceId } });
  const asked = await fillLeads(bench, place.workspaceId);
  const lookup = await countCalls(bench, async () => {
    for (let at = 0; at < asked.length; at += PARALLEL) {
      const batch = asked.slice(at, at + PARALLEL);
      await Promise.all(batch.map((id) => lookUpLead(bench.deps, id, { priority: "reconcile" })));
    }
  });
  const byLookup = await evidence(bench, place.workspaceId);

  printTable(`Provider calls to verify ${swept.length} leads with ${MEETINGS} meetings`, [
    ["way", "calls", "per lead", "against lookup", "target", "seconds"],
    ["sweep, first", ...row(first, lookup.calls, TARGETS.first)],
    ["sweep, steady", ...row(steady, lookup.calls, TARGETS.steady)],
    ["lookup of each lead", ...row(lookup, lookup.calls, TARGETS.lookup)],
  ]);
  const same = JSON.stringify(bySweep) === JSON.stringify(byLookup);
  console.log(
    `Evidence by sweep and by lookup: ${bySweep.length} appointments of leads, ${same ? "equal" : "DIFFERENT"}.\n`,
  );
  if (!same) process.exitCode = 1;
}

function row({ calls, seconds }: Counted, lookupCalls: number, target: number): string[] {
  return [
    calls.toLocaleString("en-US"),
    (calls / LEADS).toFixed(4),
    `1 : ${Math.round(lookupCalls / calls)}`,
    `${calls <= target ? "≤" : "OVER"} ${target.toLocaleString("en-US")}`,
    seconds.toFixed(1),
  ];
}

type Counted = { calls: number; seconds: number };

async function countCalls(bench: Bench, run: () => Promise<unknown>): Promise<Counted> {
  await bench.control("/calls/reset");
  const startedAt = performance.now();
  await run();
  const seconds = (performance.now() - startedAt) / 1_000;
  const { calendly } = await bench.control("/calls", undefined, "GET");
  return { calls: calendly.total, seconds };
}

async function bookMeetings(bench: Bench, organization: string): Promise<void> {
  const today = startOfUtcDay(new Date());
  const bookings = Array.from({ length: MEETINGS }, (_, at) => ({
    organization,
    eventType: "Intro call",
    // Spread over the whole window, half an hour apart, the past included.
    start: addMs(
      addDays(today, -80 + (at % 160)),
      9 * 60 * MINUTE_MS + Math.floor(at / 160) * 30 * MINUTE_MS,
    ).toISOString(),
    at: addDays(today, -85).toISOString(),
    invitee: { email: emailOf(at * 6), name: `Guest ${at}` },
  }));
  for (let at = 0; at < bookings.length; at += 250) {
    await bench.control("/calendly/bulk-book", bookings.slice(at, at + 250));
  }
}

function emailOf(at: number): string {
  return `guest.${at}@ridgeline.example`;
}

async function fillLeads(bench: Bench, workspaceId: string): Promise<string[]> {
  const items = Array.from({ length: LEADS }, (_, at) => ({ email: emailOf(at), firstName: "Guest" }));
  for (let at = 0; at < items.length; at += 5_000) {
    await upsertLeads(bench.deps, workspaceId, items.slice(at, at + 5_000), {
      actor: SYSTEM,
      source: "import",
    });
  }
  const rows = await bench.db.lead.findMany({ where: { workspaceId }, select: { id: true } });
  return rows.map(({ id }) => id);
}

function sweep({ deps }: Bench, connectionId: string) {
  return sweepConnection({ ...deps, clock: systemClock }, { connectionId, tier: "warm", trigger: "bench" });
}

/** What both ways must agree on: a lookup never sees people who are no leads. */
async function evidence({ db }: Bench, workspaceId: string) {
  return db.appointment.findMany({
    where: { workspaceId, leadId: { not: null } },
    select: {
      providerId: true,
      status: true,
      startAt: true,
      standing: true,
      lead: { select: { email: true, meetingState: true } },
    },
    orderBy: { providerId: "asc" },
  });
}
