import { beforeAll, describe, expect, test } from "vitest";
import { Prisma } from "#server/db/generated/client.ts";
import { addDays } from "#server/lib/duration.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildUser, TEST_NOW } from "#server/testing/factories.ts";
import { countCauses, countTabs } from "./count-mismatches.ts";
import { listMismatches } from "./list-mismatches.ts";
import { loadCheckTimes } from "./load-check-times.ts";
import { type ListInput, pageQuery } from "./page-query.ts";
import { refreshCauses } from "./refresh-causes.ts";
import {
  buildClaim,
  buildLateLabel,
  buildMismatchWorld,
  buildMissedMeeting,
  buildVanished,
} from "./testing/mismatch-world.ts";

const database = setUpTestDatabase();
const NEVER = new AbortController().signal;

function input(overrides: Partial<ListInput> = {}): ListInput {
  return { tab: "1", sort: { by: "age", direction: "desc" }, limit: 100, ...overrides };
}

describe("the list", () => {
  let world: Awaited<ReturnType<typeof buildMismatchWorld>>;
  let context: { workspaceId: string; userId: string; now: Date };
  const list = (overrides: Partial<ListInput> = {}) => listMismatches(database.db, input(overrides), context);
  const names = async (overrides: Partial<ListInput> = {}) =>
    (await list(overrides)).rows.map((row) => row.name).sort();

  beforeAll(async () => {
    const { db } = database;
    world = await buildMismatchWorld(db);
    context = { ...world.who, now: TEST_NOW };
    const { workspaceId, ops } = world;
    const sentimentAt = (days: number) => ({
      sentimentAt: addDays(TEST_NOW, -days),
      statusAt: addDays(TEST_NOW, -days),
    });
    await buildClaim(db, workspaceId, {
      ...sentimentAt(2),
      firstName: "Ada",
      lastName: "Young",
      assignedToId: ops.id,
    });
    await buildClaim(db, workspaceId, { ...sentimentAt(40), firstName: "Ben", lastName: "Old" });
    await buildClaim(db, workspaceId, {
      ...sentimentAt(5),
      firstName: "Cy_d",
      lastName: "Shy",
      status: "unqualified",
      linkSentAt: addDays(TEST_NOW, -6),
    });
    await buildClaim(db, workspaceId, {
      ...sentimentAt(5),
      firstName: "Dee",
      decision: "keep",
      decisionAt: TEST_NOW,
    });
    await buildClaim(db, workspaceId, {
      ...sentimentAt(5),
      firstName: "Eva",
      lastName: "Wait",
      decision: "needs_info",
      decisionAt: TEST_NOW,
    });
    await buildClaim(db, workspaceId, {
      ...sentimentAt(6),
      firstName: "Fay",
      lastName: "Back",
      decision: "needs_info",
      decisionAt: addDays(TEST_NOW, -3),
      decisionUntil: addDays(TEST_NOW, -1),
    });
    await buildClaim(db, workspaceId, { firstName: "Gus", lastName: "Fresh", claimCheckedAt: null });
    await buildMissedMeeting(db, workspaceId);
    await buildLateLabel(db, workspaceId);
    await buildVanished(db, workspaceId);
    const other = await buildMismatchWorld(db);
    await buildClaim(db, other.workspaceId);
    await refreshCauses(world.deps, { workspaceId }, NEVER);
  });

  test("shows each kind on its tab, set-aside ones on theirs, and counts the unknown", async () => {
    expect(await countTabs(database.db, context)).toEqual({
      "1": 4,
      "2": 1,
      "3": 1,
      "4": 1,
      "5": 0,
      unknown: 1,
      needs_info: 1,
    });
    expect(await names()).toEqual(["Ada Young", "Ben Old", "Cy_d Shy", "Fay Back"]);
    expect(await names({ tab: "unknown" })).toEqual(["Gus Fresh"]);
    expect(await names({ tab: "needs_info" })).toEqual(["Eva Wait"]);
  });

  test("filters by age, owner, protection, cause, provider and text, wildcards taken literally", async () => {
    expect(await names({ age: { op: "<", days: 7 } })).toEqual(["Ada Young", "Cy_d Shy", "Fay Back"]);
    expect(await names({ age: { op: ">", days: 30 } })).toEqual(["Ben Old"]);
    expect(await names({ owner: "me" })).toEqual(["Ada Young"]);
    expect(await names({ owner: "none" })).toEqual(["Ben Old", "Cy_d Shy", "Fay Back"]);
    expect(await names({ owner: world.ops.name.slice(0, 4) })).toEqual(["Ada Young"]);
    expect(await names({ isProtected: true })).toEqual(["Cy_d Shy"]);
    expect(await names({ cause: ["status_protected"] })).toEqual(["Cy_d Shy"]);
    expect(await names({ q: "cy_d" })).toEqual(["Cy_d Shy"]);
    expect(await names({ q: "c_" })).toEqual([]);
    expect(await names({ tab: "3", provider: "calendly" })).toHaveLength(1);
    expect(await names({ tab: "3", provider: "highlevel" })).toHaveLength(0);
    expect(await countCauses(database.db, { tab: "1", cause: ["status_protected"] }, context)).toEqual([
      { cause: "no_trace", count: 3 },
      { cause: "status_protected", count: 1 },
    ]);
  });

  test.each(["age", "lead", "checked"] as const)("pages there and back in the order of %s", async (by) => {
    for (const direction of ["asc", "desc"] as const) {
      const sort = { by, direction };
      const all = (await list({ sort })).rows.map((row) => row.id);
      const first = await list({ sort, limit: 3 });
      expect(first).toMatchObject({ from: 1, prev: null, total: { value: 4, exact: true } });
      const second = await list({ sort, limit: 3, cursor: first.next ?? "" });
      expect(second).toMatchObject({ from: 4, next: null });
      expect([...first.rows, ...second.rows].map((row) => row.id)).toEqual(all);
      const back = await list({ sort, limit: 3, cursor: second.prev ?? "" });
      expect(back.rows.map((row) => row.id)).toEqual(all.slice(0, 3));
      expect(back.prev).toBeNull();
    }
  });

  test("starts again at the newest when a cursor leads nowhere", async () => {
    const first = await list();
    for (const cursor of ["nonsense", Buffer.from('{"to":"next"}').toString("base64url")]) {
      const page = await list({ cursor });
      expect(page.isMoved).toBe(true);
      expect(page.rows.map((row) => row.id)).toEqual(first.rows.map((row) => row.id));
    }
  });

  test("says what each provider says, and how old every part of it is", async () => {
    const { rows } = await list({ tab: "3" });
    expect(rows[0]).toMatchObject({
      kind: 3,
      meetingState: "canceled",
      cause: "set_by_hand",
      suggested: "keep",
      providers: [{ provider: "calendly", status: "canceled" }],
    });
    const claim = (await list()).rows.find((row) => row.name === "Ada Young");
    expect(claim).toMatchObject({
      providers: [],
      checkedAt: new Date("2026-03-10T14:55:00Z"),
      owner: { id: world.ops.id },
    });
  });

  test("never shows another workspace", async () => {
    const stranger = await buildUser(database.db);
    const foreign = await buildMismatchWorld(database.db);
    const page = await listMismatches(database.db, input(), {
      workspaceId: foreign.workspaceId,
      userId: stranger.id,
      now: TEST_NOW,
    });
    expect(page).toMatchObject({ rows: [], total: { value: 0, exact: true } });
  });
});

describe("at fifty thousand leads", () => {
  test("every tab, filter and sort reads its partial index and never the whole table", async () => {
    const { db } = database;
    const world = await buildMismatchWorld(db);
    const context = { ...world.who, now: TEST_NOW };
    await fillLeads(db, world.workspaceId);
    const checks = await loadCheckTimes(db, world.workspaceId, TEST_NOW);
    const plans = [
      input(),
      input({ tab: "unknown" }),
      input({ tab: "needs_info" }),
      input({ sort: { by: "lead", direction: "asc" } }),
      input({ sort: { by: "checked", direction: "desc" } }),
      input({ cause: ["no_trace"] }),
      input({ age: { op: "<", days: 7 } }),
      input({ q: "lead 77" }),
      input({ isProtected: false, owner: "none", provider: "calendly" }),
    ];
    for (const each of plans) {
      const [row] = await db.$queryRaw<{ "QUERY PLAN": unknown }[]>(
        Prisma.sql`EXPLAIN (FORMAT JSON) ${pageQuery(each, context, checks.anyAt, null)}`,
      );
      const nodes = listNodes(row?.["QUERY PLAN"]);
      const scans = nodes.filter((node) => node["Relation Name"] === "Lead").map((node) => node["Node Type"]);
      expect(scans, JSON.stringify(each)).not.toContain("Seq Scan");
      const indexes = nodes.flatMap((node) => node["Index Name"]?.match(/^Lead_.*/) ?? []);
      expect(indexes.length, JSON.stringify(each)).toBeGreaterThan(0);
      for (const index of indexes) {
        expect(["Lead_pkey", ...PARTIAL_INDEXES], JSON.stringify(each)).toContain(index);
      }
    }
    const page = await listMismatches(db, input(), context);
    expect(page).toMatchObject({ total: { value: 5_000, exact: true } });
    await refreshCauses(world.deps, { workspaceId: world.workspaceId }, NEVER);
    expect(await countCauses(db, { tab: "1" }, context)).toEqual([{ cause: "no_trace", count: 5_000 }]);
    // Filling takes its time on a busy machine.
  }, 60_000);
});

/** 50,000 leads; one in eight claims a meeting that nobody has, a fifth of those unchecked. */
async function fillLeads(db: typeof database.db, workspaceId: string): Promise<void> {
  await db.$executeRaw`
    INSERT INTO "Lead" ("workspaceId", email, "firstName", "lastName", status, "statusAt", sentiment, "sentimentAt",
                        "claimCheckedAt", decision, "decisionAt", "createdAt", "updatedAt")
    SELECT ${workspaceId}::uuid, 'lead' || n || '@fill.example', 'Lead', n::text,
           'qualified', ${TEST_NOW}::timestamptz - n * interval '1 minute',
           CASE WHEN n % 8 = 0 THEN 'meeting_booked'::"Sentiment" ELSE 'interested' END,
           ${TEST_NOW}::timestamptz - n * interval '1 minute',
           CASE WHEN n % 40 <> 0 THEN ${TEST_NOW}::timestamptz END,
           NULL::"Decision", NULL::timestamptz, ${TEST_NOW}::timestamptz, ${TEST_NOW}::timestamptz
    FROM generate_series(1, 50000) AS n`;
  await db.$executeRaw`ANALYZE "Lead"`;
}

type PlanNode = { "Node Type": string; "Relation Name"?: string; "Index Name"?: string; Plans?: PlanNode[] };

const PARTIAL_INDEXES = ["Lead_mismatch", "Lead_mismatch_name", "Lead_claim_unverified", "Lead_decided"];

function listNodes(plan: unknown): PlanNode[] {
  // The shape that EXPLAIN (FORMAT JSON) answers with: one tree in an array.
  const [root] = plan as { Plan: PlanNode }[];
  const walk = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(walk)];
  return root ? walk(root.Plan) : [];
}
