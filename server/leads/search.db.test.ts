import { beforeAll, describe, expect, test } from "vitest";
import type { Db } from "#server/db/client.ts";
import { Prisma } from "#server/db/generated/client.ts";
import { SettableClock } from "#server/lib/clock.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import {
  buildAppointment,
  buildLead,
  buildTask,
  buildUser,
  buildWorkspace,
  TEST_NOW,
} from "#server/testing/factories.ts";
import type { Viewer } from "./lead-scope.ts";
import { type LeadQuery, listLeads, searchLeads } from "./queries.ts";
import { suggestLeads } from "./suggest-leads.ts";

const database = setUpTestDatabase();
const clock = new SettableClock(TEST_NOW);

function list(viewer: Viewer, query: Partial<LeadQuery>, db: Db = database.db) {
  return listLeads({ db, clock }, viewer, { q: "", status: null, meeting: null, cursor: null, ...query });
}

async function buildViewer(): Promise<Viewer> {
  const { id: workspaceId } = await buildWorkspace(database.db);
  const { id: userId } = await buildUser(database.db);
  return { workspaceId, userId, role: "owner" };
}

describe("a search", () => {
  test("finds a lead by what it is called now, and by nothing that it was called before", async () => {
    const { db } = database;
    const viewer = await buildViewer();
    const { id } = await buildLead(db, {
      workspaceId: viewer.workspaceId,
      firstName: "Ingrid",
      lastName: "Solberg",
      company: "Fjord & Sons",
      phone: "+47 (912) 34.567",
    });
    const finds = async (q: string) => (await list(viewer, { q })).rows.some((row) => row.id === id);
    for (const q of ["ingrid so", "SOLB", "fjord &", "34567", "4791234567", "+47 912 34 567"]) {
      expect(await finds(q), q).toBe(true);
    }
    for (const q of ["ngrid", "sons", "4567 1", "_olberg", "%"]) expect(await finds(q), q).toBe(false);

    await db.lead.update({
      where: { id },
      data: { firstName: null, lastName: "Aas", company: null, phone: "22 33 44 55" },
    });
    for (const q of ["ingrid", "solberg", "fjord", "34567"]) expect(await finds(q), q).toBe(false);
    for (const q of ["aas", "44 55"]) expect(await finds(q), q).toBe(true);
    const renamed = { firstName: " Mary  Ann", company: "Nordic Sea, Ltd.", email: "Mary@Nordic.example" };
    await db.lead.update({ where: { id }, data: renamed });
    expect(await finds("mary ann aas")).toBe(true);
    expect(await db.leadSearch.findUnique({ where: { leadId: id } })).toMatchObject({
      domain: "nordic.example",
      companyWord: "nordicsealtd",
    });
    await db.lead.delete({ where: { id } });
    expect(await db.leadSearch.count({ where: { leadId: id } })).toBe(0);
  });

  test("holds the longest words of any alphabet, in a lead that is a mismatch", async () => {
    const viewer = await buildViewer();
    const word = (letter: string) => letter.repeat(200);
    const { id } = await buildLead(database.db, {
      workspaceId: viewer.workspaceId,
      email: `${"a".repeat(64)}@${"long.".repeat(48)}example`,
      firstName: word("語"),
      lastName: word("한"),
      company: word("ก"),
      sentiment: "meeting_booked",
      claimCheckedAt: new Date("2100-01-01"),
    });
    const { rows } = await list(viewer, { q: word("語") });
    expect(rows).toMatchObject([{ id, mismatchKind: 1 }]);
  });

  test("stays in its workspace, and a setter's among what they see", async () => {
    const { db } = database;
    const owner = await buildViewer();
    const stranger = await buildViewer();
    const setter: Viewer = { ...owner, role: "setter" };
    const { workspaceId } = owner;
    const behind = await buildLead(db, { workspaceId, lastName: "Quill", phone: "5550001111" });
    await buildTask(db, { leadId: behind.id });
    const own = await buildLead(db, { workspaceId, lastName: "Quimby", assignedToId: setter.userId });
    await buildLead(db, { workspaceId, lastName: "Quine" });
    const names = async (viewer: Viewer) =>
      (await list(viewer, { q: "qui" })).rows.map((row) => row.id).sort();
    expect(await names(setter)).toEqual([behind.id, own.id].sort());
    expect(await names(owner)).toHaveLength(3);
    expect(await names(stranger)).toEqual([]);
    expect(await searchLeads(db, setter, "0001111")).toMatchObject([{ id: behind.id }]);
    expect(await searchLeads(db, setter, "quine")).toEqual([]);
    expect(await searchLeads(db, stranger, "qui")).toEqual([]);
  });
});

describe("among twenty-four thousand leads", () => {
  let viewer: Viewer;

  beforeAll(async () => {
    viewer = await buildViewer();
    // The older half is of one company, so that a search for it fits thousands and none of the newest.
    await database.db.$executeRaw`
      INSERT INTO "Lead" ("workspaceId", email, "firstName", "lastName", company, phone, status, "statusAt",
                          "sentimentAt", "createdAt", "updatedAt")
      SELECT ${viewer.workspaceId}::uuid, 'lead' || n || '@fill.example', 'Lead', 'Number ' || n,
             CASE WHEN n > 12000 THEN 'Harbor' ELSE 'Lumen' END, '+1 555 ' || lpad(n::text, 6, '0'),
             (CASE WHEN n % 3000 = 0 THEN 'blacklisted' ELSE 'new' END)::"LeadStatus", ${TEST_NOW}, ${TEST_NOW},
             ${TEST_NOW}, ${TEST_NOW}::timestamptz - n * interval '1 minute'
      FROM generate_series(1, 24000) n`;
    await database.db.$executeRaw`ANALYZE`;
  });

  test.each([
    { q: "lead 77@", of: () => false },
    { q: "lead777@", of: (n: number) => n === 777 },
    { q: "number 2399", of: (n: number) => n === 2_399 || (n >= 23_990 && n <= 23_999) },
    { q: "12345", of: (n: number) => n === 12_345 },
    { q: "lumen", of: (n: number) => n <= 12_000 },
    { q: "harbor", of: (n: number) => n > 12_000 },
    { q: "harbor", status: "blacklisted" as const, of: (n: number) => n > 12_000 && n % 3_000 === 0 },
    { q: "", status: "blacklisted" as const, of: (n: number) => n % 3_000 === 0 },
  ])("shows the newest that fit '$q' ($status), and how many, without asking every lead", async (each) => {
    const { q, of, status = null } = each;
    const expected = Array.from({ length: 24_000 }, (_, at) => at + 1).filter(of);
    const plans: string[] = [];
    const page = await list(viewer, { q, status }, explainInto(plans));
    expect(page.rows.map(({ email }) => email)).toEqual(
      expected.slice(0, 100).map((n) => `lead${n}@fill.example`),
    );
    expect(page.total).toEqual({
      value: Math.min(expected.length, 10_000),
      exact: expected.length <= 10_000,
    });
    if (page.next !== null) {
      const second = await list(viewer, { q, status, cursor: page.next });
      expect(second.rows[0]?.email).toBe(`lead${expected[100]}@fill.example`);
      const back = await list(viewer, { q, status, cursor: second.prev });
      expect(back.rows.map(({ id }) => id)).toEqual(page.rows.map(({ id }) => id));
    }
    // Of what fits half of all, the table itself tells as soon as its index that there are thousands.
    if (q !== "lumen" && q !== "harbor") {
      for (const plan of plans) expect(plan).not.toMatch(/Seq Scan on "Lead(Search)?"/);
    }
  });

  test("finds whose a booking may be by each of its marks, without asking every lead", async () => {
    const { workspaceId } = viewer;
    const { id } = await buildAppointment(database.db, {
      workspaceId,
      leadId: null,
      attendeeEmail: "pat@lumen.example",
      attendeeName: "Lead Number 777",
      attendeePhone: "1 (555) 000-888",
      tracking: "lead999@fill.example",
    });
    const plans: string[] = [];
    const found = await suggestLeads({ db: explainInto(plans) }, workspaceId, [id]);
    expect(found[id]?.slice(0, 3).map(({ email, reasons }) => [email, ...reasons])).toEqual([
      ["lead999@fill.example", "tracking", "company"],
      ["lead888@fill.example", "phone", "company"],
      ["lead777@fill.example", "name", "company"],
    ]);
    expect(found[id]).toHaveLength(5);
    expect(plans).toHaveLength(1);
    expect(plans[0]).not.toMatch(/Seq Scan on "Lead(Search)?"/);
  });

  test("a setter's list begins with what makes leads visible to them", async () => {
    const plans: string[] = [];
    const { rows } = await list({ ...viewer, role: "setter" }, {}, explainInto(plans));
    expect(rows).toEqual([]);
    for (const plan of plans) expect(plan).not.toMatch(/Seq Scan on "Lead"/);
  });
});

/** The test's database, noting the plan of each raw query that it is asked. */
function explainInto(plans: string[]): Db {
  const { db } = database;
  return new Proxy(db, {
    get(target, key, receiver) {
      if (key !== "$queryRaw") return Reflect.get(target, key, receiver);
      return async (strings: TemplateStringsArray, ...values: unknown[]) => {
        const query = Prisma.sql(strings, ...values);
        const plan = await db.$queryRaw<{ "QUERY PLAN": string }[]>(Prisma.sql`EXPLAIN ${query}`);
        plans.push(plan.map((row) => row["QUERY PLAN"]).join("\n"));
        return db.$queryRaw(query);
      };
    },
  });
}
