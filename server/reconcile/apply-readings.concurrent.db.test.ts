import { describe, expect, it } from "vitest";
import { runTransaction } from "#server/db/run-transaction.ts";
import { addMs, MINUTE_MS } from "#server/lib/duration.ts";
import { TEST_NOW } from "#server/testing/factories.ts";
import { applyReadings } from "./apply-readings.ts";
import { buildReading, cancelReading } from "./testing/build-reading.ts";
import { setUpRoad } from "./testing/set-up-road.ts";

const road = setUpRoad();

/** A door that a transaction can be held at. */
function buildGate() {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, passed };
}

describe("a webhook between the reading of a page and its writing (fault 29)", () => {
  it("wins, and the page's row is counted as stale, while the rest of the page is saved", async () => {
    const { id, email } = await road.lead();
    const other = await road.lead();
    const booked = buildReading({ attendeeEmail: email });
    await road.apply([booked]);

    // The page was read first; the invitee canceled; the delivery's job read that and is saving it.
    const page = [
      { ...booked, title: "Intro", asOf: addMs(TEST_NOW, MINUTE_MS) },
      buildReading({ attendeeEmail: other.email, asOf: addMs(TEST_NOW, MINUTE_MS) }),
    ];
    const canceled = cancelReading(booked, { asOf: addMs(TEST_NOW, 2 * MINUTE_MS) });
    const [saved, commit] = [buildGate(), buildGate()];
    const webhook = runTransaction(road.db, "webhook", async (tx) => {
      const counts = await applyReadings(tx, [canceled], road.step({ source: "webhook" }));
      saved.open();
      await commit.passed;
      return counts;
    });
    await saved.passed;
    const paging = road.apply(page);
    await waitUntilBlocked();
    commit.open();

    expect(await webhook).toMatchObject({ updated: 1, redCreated: 1 });
    expect(await paging).toMatchObject({ stale: 1, created: 1, updated: 0 });
    expect(await road.reload(id)).toMatchObject({ meetingState: "canceled", status: "qualified" });
    expect((await road.reload(other.id)).meetingState).toBe("booked");
    expect((await road.appointment(booked.providerId)).title).toBe("Intro call");
  });

  it("wins in the other order too", async () => {
    const { id, email } = await road.lead();
    const booked = buildReading({ attendeeEmail: email });
    await road.apply([booked]);
    const canceled = cancelReading(booked, { asOf: addMs(TEST_NOW, 2 * MINUTE_MS) });
    const [saved, commit] = [buildGate(), buildGate()];
    const paging = runTransaction(road.db, "page", async (tx) => {
      const counts = await applyReadings(
        tx,
        [{ ...booked, title: "Intro", asOf: addMs(TEST_NOW, MINUTE_MS) }],
        road.step(),
      );
      saved.open();
      await commit.passed;
      return counts;
    });
    await saved.passed;
    const webhook = road.apply([canceled], { source: "webhook" });
    await waitUntilBlocked();
    commit.open();

    expect(await paging).toMatchObject({ updated: 1 });
    expect(await webhook).toMatchObject({ updated: 1, redCreated: 1 });
    expect((await road.reload(id)).meetingState).toBe("canceled");
    expect(await road.tasks(id)).toHaveLength(1);
  });

  it("does one loss once, however many tell it at the same time", async () => {
    const { id, email } = await road.lead();
    const booked = buildReading({ attendeeEmail: email });
    await road.apply([booked]);
    const canceled = cancelReading(booked);
    const all = await Promise.all(
      (["webhook", "reconcile", "backfill", "webhook"] as const).map((source) =>
        road.apply([canceled], { source }),
      ),
    );
    expect(all.reduce((sum, c) => sum + c.redCreated, 0)).toBe(1);
    expect(all.reduce((sum, c) => sum + c.updated, 0)).toBe(1);
    expect(await road.tasks(id)).toMatchObject([{ meetings: [{ kind: "canceled" }] }]);
    expect((await road.changes(id)).map((c) => c.kind)).toEqual(["booked", "canceled"]);
    expect((await road.audit(id)).map((a) => a.verb)).toEqual(["lead_booked", "meeting_lost"]);
  });
});

/** Returns once some session of this database waits for the workspace's lock. */
async function waitUntilBlocked(): Promise<void> {
  for (;;) {
    const [row] = await road.db.$queryRaw<{ waiting: boolean }[]>`
      SELECT EXISTS (SELECT 1 FROM pg_locks l JOIN pg_stat_activity s USING (pid)
                     WHERE s.datname = current_database() AND l.locktype = 'advisory' AND NOT l.granted) AS waiting`;
    if (row?.waiting) return;
  }
}
