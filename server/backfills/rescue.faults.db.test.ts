import { describe, expect, it } from "vitest";
import { setUpSandbox } from "#server/providers/testing/set-up-sandbox.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { claimBackfill } from "./claim-backfill.ts";
import { RunLostError } from "./held-run.ts";
import { settleBackfill } from "./settle-backfill.ts";
import { buildCalendlyWorld, createBackfillDeps } from "./testing/backfill-world.ts";
import { start } from "./testing/run-tools.ts";

const database = setUpTestDatabase();
const sandbox = setUpSandbox();

const loadRun = (id: string) => database.db.backfill.findUniqueOrThrow({ where: { id } });

describe("a rescuer that meets the end of a run (4)", () => {
  /** A run whose slices are all read, held by a worker that seems dead. */
  async function almostDone() {
    const deps = createBackfillDeps(database.db, sandbox.url);
    const world = await buildCalendlyWorld(database.db, sandbox.control, {});
    const { id } = await start(deps, world.workspace.id, 1, 2);
    const claimed = await claimBackfill(deps, id);
    if (!claimed) throw new Error("nobody else wanted it");
    await database.db.backfillSlice.updateMany({ where: { backfillId: id }, data: { state: "done" } });
    await database.db.backfill.update({ where: { id }, data: { heartbeatAt: new Date(0) } });
    return { deps, id, run: claimed.run };
  }

  /** Lets both want the run's row, in this order, while somebody else still has it. */
  async function queueUp<A, B>(id: string, first: () => Promise<A>, second: () => Promise<B>) {
    const waiting = async (count: number) =>
      expect
        .poll(
          async () =>
            (
              await database.db.$queryRaw<{ n: number }[]>`
              SELECT count(*)::int AS n FROM pg_stat_activity
              WHERE datname = current_database() AND wait_event_type = 'Lock'`
            )[0]?.n,
        )
        .toBe(count);
    return database.db.$transaction(
      async (tx) => {
        await tx.$queryRaw`SELECT 1 FROM "Backfill" WHERE id = ${id}::uuid FOR UPDATE`;
        const one = Promise.allSettled([first()]);
        await waiting(1);
        const two = Promise.allSettled([second()]);
        await waiting(2);
        return { one, two };
      },
      { timeout: 20_000 },
    );
  }

  it("finds it ended when the end was written first", async () => {
    const { deps, id, run } = await almostDone();
    const { one, two } = await queueUp(
      id,
      () => settleBackfill(deps, run),
      () => claimBackfill(deps, id),
    );
    expect([(await one)[0], (await two)[0]]).toMatchObject([{ value: true }, { value: null }]);
    expect(await loadRun(id)).toMatchObject({ state: "succeeded", attempt: run.attempt });
  });

  it("has it when it came first, and the former worker ends nothing", async () => {
    const { deps, id, run } = await almostDone();
    const { one, two } = await queueUp(
      id,
      () => claimBackfill(deps, id),
      () => settleBackfill(deps, run),
    );
    expect((await one)[0]).toMatchObject({
      status: "fulfilled",
      value: { run: { attempt: run.attempt + 1 } },
    });
    expect((await two)[0]).toMatchObject({ status: "rejected", reason: expect.any(RunLostError) });
    expect(await loadRun(id)).toMatchObject({ state: "running", endedAt: null });
  });
});
