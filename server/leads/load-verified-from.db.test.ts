import { expect, it } from "vitest";
import { addDays, startOfUtcDay } from "#server/lib/duration.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildConnection, buildWorkspace, TEST_NOW } from "#server/testing/factories.ts";
import { loadVerifiedFrom } from "./load-verified-from.ts";

const database = setUpTestDatabase();
const today = startOfUtcDay(TEST_NOW);

/** A workspace whose connections have verified these days, counted from today. */
async function buildCovered(...connections: number[][]): Promise<string> {
  const { id: workspaceId } = await buildWorkspace(database.db);
  for (const [index, days] of connections.entries()) {
    const provider = index === 0 ? "calendly" : "highlevel";
    const { id: connectionId } = await buildConnection(database.db, { workspaceId, provider });
    await database.db.coverage.createMany({
      data: days.map((day) => ({
        connectionId,
        day: addDays(today, day),
        verifiedAt: TEST_NOW,
        fullScope: true,
      })),
    });
  }
  return workspaceId;
}

it.each<[string, number[][], number | null]>([
  ["nothing is connected", [], null],
  ["nothing was read yet", [[]], null],
  ["an unbroken stretch up to today", [[-3, -2, -1, 0, 1, 2]], -3],
  ["a gap ends the stretch (26)", [[-9, -8, -2, -1, 0]], -2],
  ["today is missing", [[-2, -1, 1]], null],
  [
    "the shorter of two counts",
    [
      [-5, -4, -3, -2, -1, 0],
      [-1, 0],
    ],
    -1,
  ],
  ["one of two has read nothing", [[-1, 0], []], null],
])("%s", async (_sentence, connections, expected) => {
  const workspaceId = await buildCovered(...connections);
  const from = await loadVerifiedFrom(database.db, workspaceId, TEST_NOW);
  expect(from).toEqual(expected === null ? null : addDays(today, expected));
});
