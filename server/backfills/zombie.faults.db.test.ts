import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { setUpSandbox } from "#server/providers/testing/set-up-sandbox.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildCalendlyWorld, createBackfillDeps } from "./testing/backfill-world.ts";
import { read, start } from "./testing/run-tools.ts";

const database = setUpTestDatabase();
const sandbox = setUpSandbox();
const worker = join(import.meta.dirname, "testing", "backfill-worker.ts");

/** A worker process of its own, and what it logged by the time it has ended. */
function startWorker(backfillId: string) {
  const child = spawn(process.execPath, [worker, database.url, sandbox.url, backfillId, "warn"], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  const log = child.stdout ? text(child.stdout) : Promise.resolve("");
  return { child, log, ended: once(child, "exit") };
}

const readRows = async (workspaceId: string, backfillId: string) => ({
  run: await database.db.backfill.findUniqueOrThrow({ where: { id: backfillId } }),
  slices: await database.db.backfillSlice.findMany({ where: { backfillId }, orderBy: { day: "asc" } }),
  appointments: await database.db.appointment.findMany({ where: { workspaceId }, orderBy: { id: "asc" } }),
  changes: await database.db.appointmentChange.count({ where: { workspaceId } }),
  outbox: await database.db.outboxEvent.count(),
});

// Processes start slowly on a busy machine.
const TIMEOUT = { timeout: 120_000 };

it(
  "a worker that was frozen in the middle of a page wakes up, writes nothing, says so and ends (3)",
  TIMEOUT,
  async () => {
    const world = await buildCalendlyWorld(database.db, sandbox.control, { 2: 2, 1: 2 });
    const deps = createBackfillDeps(database.db, sandbox.url);
    const { id } = await start(deps, world.workspace.id, 1, 3);
    await sandbox.control("/faults", {
      provider: "calendly",
      kind: "latency",
      latencyMs: 1_000,
      match: { path: "^/scheduled_events$" },
      times: 1,
    });
    const frozen = startWorker(id);
    const faults = async () => (await sandbox.control("/faults", {}, "GET")).faults;
    await expect.poll(faults, { timeout: 20_000 }).toEqual([]);
    frozen.child.kill("SIGSTOP");
    // As if the fifteen seconds had passed after which a silent worker counts as dead.
    await database.db.backfill.update({ where: { id }, data: { heartbeatAt: new Date(0) } });
    const successor = startWorker(id);
    await successor.ended;
    expect(await read(deps, id)).toMatchObject({ state: "succeeded", done: 4, known: 0 });
    const before = await readRows(world.workspace.id, id);

    frozen.child.kill("SIGCONT");
    expect(await frozen.ended).toEqual([0, null]);
    expect(await frozen.log).toContain("another worker has taken this backfill over");
    expect(await readRows(world.workspace.id, id)).toEqual(before);
  },
);
