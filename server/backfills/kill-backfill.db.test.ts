import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, it } from "vitest";
import { operator } from "#server/audit/actor.ts";
import type { BackfillMode } from "#server/db/generated/enums.ts";
import { setUpSandbox } from "#server/providers/testing/set-up-sandbox.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { startBackfill } from "./start-backfill.ts";
import { sumSlices } from "./sum-slices.ts";
import { buildCalendlyWorld, createBackfillDeps, dayFromNow } from "./testing/backfill-world.ts";

const database = setUpTestDatabase();
const sandbox = setUpSandbox();
const MEETINGS = { 6: 4, 5: 1, 4: 6, 3: 3, 2: 5, 1: 4 };
const worker = join(import.meta.dirname, "testing", "backfill-worker.ts");

async function startRun(workspaceId: string, mode: BackfillMode) {
  const deps = createBackfillDeps(database.db, sandbox.url);
  const target = { workspaceIds: [workspaceId], providers: ["calendly" as const] };
  const options = { mode, dryRun: false, skipSideEffects: false, note: null };
  return startBackfill(
    deps,
    { ...target, from: dayFromNow(-1), to: dayFromNow(7), ...options },
    operator("user_1"),
  );
}

function spawnWorker(backfillId: string): ChildProcess {
  return spawn(process.execPath, [worker, database.url, sandbox.url, backfillId], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
}

/** Kills the worker once it has saved at least one page more, at whatever it is doing then. */
async function killAfterProgress(backfillId: string): Promise<boolean> {
  const pages = async () =>
    (await database.db.backfillSlice.aggregate({ where: { backfillId }, _sum: { page: true } }))._sum.page ??
    0;
  const before = await pages();
  const child = spawnWorker(backfillId);
  const exited = once(child, "exit");
  let isOver = false;
  void exited.then(() => {
    isOver = true;
  });
  while (!isOver && (await pages()) === before) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill("SIGKILL");
  await exited;
  return isOver && child.signalCode === null;
}

/** What a run leaves behind, without the ids and moments that differ from one run to another. */
async function readOutcome(workspaceId: string, backfillId: string) {
  const appointments = await database.db.appointment.findMany({
    where: { workspaceId },
    orderBy: [{ startAt: "asc" }, { attendeeName: "asc" }],
    select: { startAt: true, status: true, standing: true, leadId: true, source: true },
  });
  const leads = await database.db.lead.findMany({ where: { workspaceId }, orderBy: { createdAt: "asc" } });
  const effects = await database.db.backfillSlice.findMany({
    where: { backfillId },
    orderBy: { day: "asc" },
    select: { day: true, state: true, page: true, done: true, known: true, failed: true, effects: true },
  });
  return {
    sums: (await sumSlices(database.db, [backfillId])).of(backfillId),
    slices: effects,
    appointments: appointments.map(({ leadId, ...rest }) => ({ ...rest, isLinked: leadId !== null })),
    booked: leads.filter(({ meetingState }) => meetingState === "booked").length,
    changes: await database.db.appointmentChange.count({ where: { workspaceId } }),
    leadAudit: await database.db.auditEntry.count({ where: { workspaceId, subjectType: "lead" } }),
    state: (await database.db.backfill.findUniqueOrThrow({ where: { id: backfillId } })).state,
  };
}

/** Every lead says that it has a meeting; most said so yesterday, the others today. */
async function claimAll(workspaceId: string) {
  const leads = await database.db.lead.findMany({ where: { workspaceId }, orderBy: { createdAt: "asc" } });
  for (const [at, { id }] of leads.entries()) {
    const sentimentAt = dayFromNow(at % 8 === 0 ? 0 : -1);
    await database.db.lead.update({ where: { id }, data: { sentiment: "meeting_booked", sentimentAt } });
  }
}

it.each([
  ["sweep", 5],
  ["lookup", 2],
] as const)(
  "gives the same counters and rows after kill -9 as without, by %s",
  {
    timeout: 120_000,
  },
  async (mode, leastKills) => {
    const [smooth, rough] = await Promise.all(
      [1, 2].map(() => buildCalendlyWorld(database.db, sandbox.control, MEETINGS)),
    );
    if (!smooth || !rough) throw new Error("two worlds were built");
    for (const { workspace } of [smooth, rough]) await claimAll(workspace.id);
    // Slow enough that a kill lands inside reads and saves alike.
    await sandbox.control("/faults", { provider: "calendly", kind: "latency", latencyMs: 30 });

    const undisturbed = await startRun(smooth.workspace.id, mode);
    await once(spawnWorker(undisturbed.id), "exit");

    const disturbed = await startRun(rough.workspace.id, mode);
    let kills = 0;
    for (let isOver = false; !isOver && kills < 20; ) {
      isOver = await killAfterProgress(disturbed.id);
      if (isOver) break;
      kills += 1;
      // As if the fifteen seconds had passed after which the worker counts as dead.
      await database.db.backfill.updateMany({
        where: { id: disturbed.id, heartbeatAt: { not: null } },
        data: { heartbeatAt: new Date(0) },
      });
    }
    expect(kills).toBeGreaterThanOrEqual(leastKills);

    const expected = await readOutcome(smooth.workspace.id, undisturbed.id);
    expect(expected).toMatchObject({
      state: "succeeded",
      sums: { done: 23, known: 0, failed: 0 },
      booked: 23,
    });
    expect(await readOutcome(rough.workspace.id, disturbed.id)).toEqual(expected);
    const { attempt } = await database.db.backfill.findUniqueOrThrow({ where: { id: disturbed.id } });
    expect(attempt).toBe(kills + 1);
  },
);
