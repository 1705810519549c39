import { beforeEach, describe, expect, it } from "vitest";
import type { Tx } from "#server/db/client.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import { addDays, addMs, DAY_MS, MINUTE_MS, startOfUtcDay } from "#server/lib/duration.ts";
import { ProviderError, type ProviderErrorKind } from "#server/providers/provider-error.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildConnection, TEST_NOW } from "#server/testing/factories.ts";
import { listConnectionIncidents } from "./list-incidents.ts";
import { closeDrop, noteCompletePass, noteDrop, noteFailedPass, type Oddities } from "./settle-incidents.ts";
import { type Tier, tierWindow } from "./window.ts";

const test = setUpTestDatabase();
let row: Awaited<ReturnType<typeof buildConnection>>;
let minute: number;

beforeEach(async () => {
  row = await buildConnection(test.db);
  minute = 0;
});

/** Each step of a story is a minute later than the one before. */
function step(run: (tx: Tx, now: Date) => Promise<void>): Promise<void> {
  const now = addMs(TEST_NOW, minute++ * MINUTE_MS);
  return runTransaction(test.db, "test", (tx) => run(tx, now));
}

const fail = (tier: Tier | null, kind: ProviderErrorKind, details?: object, failures = 1) =>
  step((tx, now) => {
    const error = new ProviderError("calendly", kind, "refused", { details });
    return noteFailedPass(tx, row, { tier, error, failures }, now);
  });

const NOTHING_ODD: Oddities = { rejected: 0, faults: [], unrecognised: 0 };
const complete = (tier: Tier, oddities: Partial<Oddities> = {}) =>
  step((tx, now) => noteCompletePass(tx, row, { tier, oddities: { ...NOTHING_ODD, ...oddities } }, now));

/** What there ever was, oldest first, as `kind count` and whether it is over. */
async function story(): Promise<string[]> {
  const incidents = await test.db.incident.findMany({
    where: { connectionId: row.id },
    orderBy: [{ firstSeenAt: "asc" }, { kind: "asc" }],
  });
  return incidents.map(({ kind, count, closedAt }) => `${kind} ${count}${closedAt ? " closed" : ""}`);
}

describe("a failing connection", () => {
  it("is named from the second pass on, counted once a pass, over with a complete one, and new the next time", async () => {
    await fail("hot", "unavailable", undefined, 1);
    expect(await story()).toEqual([]);
    await fail("hot", "unavailable", undefined, 2);
    await fail("warm", "unavailable", undefined, 3);
    expect(await story()).toEqual(["connection_failing 2"]);
    const [open] = await listConnectionIncidents(test.db, row);
    expect(open).toMatchObject({
      what: "3 sweeps in a row failed: no answer.",
      firstSeenAt: addMs(TEST_NOW, MINUTE_MS),
      lastSeenAt: addMs(TEST_NOW, 2 * MINUTE_MS),
    });
    await complete("hot");
    expect(await listConnectionIncidents(test.db, row)).toEqual([]);
    await fail("hot", "unauthorized", undefined, 2);
    expect(await story()).toEqual(["connection_failing 2 closed", "connection_failing 1"]);
  });

  it("is not one whose limit is used up", async () => {
    await fail("hot", "rate_limited", undefined, 7);
    expect(await story()).toEqual([]);
  });
});

it("is told to its screen when it opens and when it is over, and not at every sighting", async () => {
  const told = () => test.db.outboxEvent.count({ where: { kind: "connection", ids: { has: row.id } } });
  const counts: number[] = [];
  for (const act of [() => fail("hot", "unavailable", undefined, 2), () => complete("hot")]) {
    await act();
    counts.push(await told());
    await act();
    counts.push(await told());
  }
  expect(counts).toEqual([1, 1, 2, 2]);
});

describe("an answer that nobody can read", () => {
  const answer = { reason: "schema", keys: ["data", "meta"], faults: ["collection: invalid_type"] };

  it("is named at once, by the names of its fields, and is over when the same days were read", async () => {
    await fail("warm", "unexpected", answer);
    await fail("warm", "unexpected", answer);
    expect(await story()).toEqual(["unreadable_answer 2"]);
    expect((await listConnectionIncidents(test.db, row))[0]?.what).toBe(
      "Calendly answered in a form that we do not know. It held: data, meta.",
    );
    await complete("hot");
    expect(await story()).toEqual(["unreadable_answer 2"]);
    await complete("warm");
    await fail("warm", "unexpected", { reason: "not_json" });
    expect(await story()).toEqual(["unreadable_answer 2 closed", "unreadable_answer 1"]);
  });
});

describe("a page that comes twice", () => {
  it("is named at once, a backfill's too, and is over with a pass that comes to its end", async () => {
    await fail("hot", "unexpected", { reason: "repeated_token" });
    await complete("hot");
    await fail(null, "unexpected", { reason: "repeated_token" });
    expect(await story()).toEqual(["page_token_repeated 1 closed", "page_token_repeated 1"]);
    await complete("warm");
    expect(await listConnectionIncidents(test.db, row)).toEqual([]);
  });
});

describe("records in a form that we do not know", () => {
  const faults = ["start_time: invalid_format"];

  it("are counted once a pass, and forgotten after a clean day", async () => {
    await complete("hot", { rejected: 2, faults });
    await complete("warm", { rejected: 3, faults });
    expect((await listConnectionIncidents(test.db, row))[0]).toMatchObject({
      kind: "schema_drift",
      count: 2,
      what: "3 records of Calendly could not be read. Fields: start_time: invalid_format.",
    });
    await complete("warm");
    expect(await story()).toEqual(["schema_drift 2"]);
    minute += DAY_MS / MINUTE_MS;
    await complete("warm");
    await complete("warm", { unrecognised: 1 });
    expect(await story()).toEqual(["schema_drift 2 closed", "schema_drift 1"]);
    expect((await listConnectionIncidents(test.db, row))[0]?.what).toBe(
      "Calendly used a status that we do not know for 1 meeting.",
    );
  });
});

describe("a suspicious drop (R5)", () => {
  const windowOf = (tier: Tier, now: Date) => tierWindow(tier, now, { back: 90, ahead: 90 });
  const drop = (tier: Tier) =>
    step((tx, now) => noteDrop(tx, row, { known: 415, missing: 412, window: windowOf(tier, now) }, now));
  const close = (tier: Tier) => step((tx, now) => closeDrop(tx, row, windowOf(tier, now), now));

  it("is over when the whole of its window was listed, and not before", async () => {
    await drop("warm");
    await close("hot");
    await drop("warm");
    expect(await story()).toEqual(["suspicious_drop 2"]);
    expect((await listConnectionIncidents(test.db, row))[0]?.what).toBe(
      "Calendly listed 3 of 415 meetings that we know.",
    );
    await close("warm");
    await drop("hot");
    expect(await story()).toEqual(["suspicious_drop 2 closed", "suspicious_drop 1"]);
    await close("warm");
    expect(await listConnectionIncidents(test.db, row)).toEqual([]);
  });

  it("can still be over after days, though its window has moved on", async () => {
    await drop("warm");
    minute += (3 * DAY_MS) / MINUTE_MS;
    await close("warm");
    expect(await story()).toEqual(["suspicious_drop 1 closed"]);
  });

  it("of one day of a backfill is over with any list of that day", async () => {
    const from = addDays(startOfUtcDay(TEST_NOW), -5);
    const window = { from, to: addDays(from, 1) };
    await step((tx, now) => noteDrop(tx, row, { known: 40, missing: 30, window }, now));
    await close("hot");
    expect(await story()).toEqual(["suspicious_drop 1"]);
    await step((tx, now) => closeDrop(tx, row, window, now));
    expect(await story()).toEqual(["suspicious_drop 1 closed"]);
  });
});
