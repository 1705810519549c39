import { beforeEach, describe, expect, it } from "vitest";
import { runTransaction } from "#server/db/run-transaction.ts";
import { addDays, MINUTE_MS, startOfUtcDay } from "#server/lib/duration.ts";
import { countTabs } from "#server/mismatches/count-mismatches.ts";
import { buildClaim } from "#server/mismatches/testing/mismatch-world.ts";
import { markCoverage, stampClaims } from "#server/reconcile/coverage.ts";
import { buildConnection, TEST_NOW } from "#server/testing/factories.ts";
import { TEST_ADMIN_KEY } from "#server/testing/start-test-server.ts";
import { setUpApi } from "../testing/set-up-api.ts";

const api = setUpApi();

beforeEach(async () => {
  await api.db.lead.deleteMany();
});

/** What people see, what programs read and what alarms watch. */
async function readCounts() {
  const context = { workspaceId: api.workspaceId, userId: "", now: api.clock.now() };
  const [tabs, list, report, metrics] = await Promise.all([
    countTabs(api.db, context),
    api.get("/api/v1/mismatches"),
    api.get(`/api/admin/appointment-mismatches?countsOnly=1&workspaceId=${api.workspaceId}`, {
      key: TEST_ADMIN_KEY,
    }),
    fetch(`${api.server.url}/metrics`).then((response) => response.text()),
  ]);
  return {
    screen: tabs.unknown,
    api: list.body.unknown,
    report: report.body.unknown,
    metric: Number(/^bookproof_claims_unknown (\d+)$/m.exec(metrics)?.[1]),
  };
}

const all = (count: number) => ({ screen: count, api: count, report: count, metric: count });
const claim = (overrides = {}) => buildClaim(api.db, api.workspaceId, { claimCheckedAt: null, ...overrides });

/** A pass over the whole window that ended without error. */
async function verify(connection: { id: string; fullScope: boolean }) {
  const now = api.clock.now();
  const today = startOfUtcDay(now);
  return runTransaction(api.db, "verify", async (tx) => {
    await markCoverage(tx, connection, { from: addDays(today, -90), to: addDays(today, 91) }, now);
    return stampClaims(tx, api.workspaceId, now);
  });
}

describe("claims that no complete check has overtaken (R22)", () => {
  it("are counted alike on the screen, in both APIs and in the metric", async () => {
    for (let n = 0; n < 3; n++) await claim();
    await claim({ decision: "keep", decisionAt: TEST_NOW });
    await claim({ decision: "needs_info", decisionUntil: addDays(TEST_NOW, 1) });
    await buildClaim(api.db, api.workspaceId);
    expect(await readCounts()).toEqual(all(3));
  });

  it("stay unknown without a connection, with one person's token, and beside one that was not read", async () => {
    await claim();
    expect(await readCounts()).toEqual(all(1));
    const calendly = await buildConnection(api.db, { workspaceId: api.workspaceId, fullScope: false });
    await verify(calendly);
    expect(await readCounts()).toEqual(all(1));
    await api.db.connection.update({ where: { id: calendly.id }, data: { fullScope: true } });
    const highlevel = await buildConnection(api.db, { workspaceId: api.workspaceId, provider: "highlevel" });
    api.clock.advance(MINUTE_MS);
    await verify({ id: calendly.id, fullScope: true });
    expect(await readCounts()).toEqual(all(1));
    await verify(highlevel);
    expect(await readCounts()).toEqual(all(0));
  });

  it("are stamped together by the pass that overtakes them, and not by one that a newer claim overtook", async () => {
    const connection = await buildConnection(api.db, { workspaceId: api.workspaceId });
    const old = await Promise.all(Array.from({ length: 20 }, () => claim()));
    const newer = await claim({ sentimentAt: addDays(TEST_NOW, 1) });
    expect((await verify(connection)).sort()).toEqual(old.map(({ id }) => id).sort());
    const stamps = await api.db.lead.findMany({ where: { id: { in: old.map(({ id }) => id) } } });
    expect(new Set(stamps.map((lead) => lead.claimCheckedAt?.getTime()))).toEqual(
      new Set([TEST_NOW.getTime()]),
    );
    expect(await api.db.lead.findUniqueOrThrow({ where: { id: newer.id } })).toMatchObject({
      claimUnverified: true,
    });
    expect(await readCounts()).toEqual(all(1));
  });
});
