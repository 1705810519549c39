import { expect, test } from "vitest";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildConnection, buildInstance, buildLead, TEST_NOW } from "#server/testing/factories.ts";
import { computeLookupCalls, estimateWays } from "./estimate-ways.ts";

const database = setUpTestDatabase();

test.each([
  ["calendly", { leads: 10, addresses: 10 }, 12],
  ["calendly", { leads: 10, addresses: 25 }, 27],
  ["highlevel", { leads: 10, addresses: 10 }, 20],
  ["highlevel", { leads: 10, addresses: 25 }, 35],
  ["highlevel", { leads: 0, addresses: 0 }, 0],
] as const)("asking %s about %o takes %i calls", (provider, sums, calls) => {
  expect(computeLookupCalls(provider, sums)).toBe(calls);
});

test("each further address of a lead is a call more", async () => {
  const { db } = database;
  const { workspaceId, ...row } = await buildConnection(db, { hotCalls: 4, warmCalls: 9 });
  const leads = [];
  for (const name of ["dana", "omar", "ines", "yara", "timo"]) {
    leads.push(await buildLead(db, { workspaceId, email: `${name}@harbor.example` }));
  }
  const [courted, other] = leads;
  await buildInstance(db, { leadId: courted?.id });
  for (const [leadId, count] of [
    [courted?.id ?? "", 2],
    [other?.id ?? "", 1],
  ] as const) {
    await db.leadAlias.createMany({
      data: Array.from({ length: count }, (_, n) => ({
        workspaceId,
        leadId,
        emailKey: `${leadId.slice(0, 8)}.${n}@home.example`,
        source: "import" as const,
        createdAt: TEST_NOW,
      })),
    });
  }
  const connection = { ...row, workspaceId };
  // One lead with three addresses; five with eight.
  expect(await estimateWays(db, connection, "hot")).toEqual({
    estimatedSweepCalls: 4,
    estimatedLookupCalls: 4,
  });
  expect(await estimateWays(db, connection, "warm")).toEqual({
    estimatedSweepCalls: 9,
    estimatedLookupCalls: 9,
  });
});
