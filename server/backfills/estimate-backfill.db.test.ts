import { expect, it } from "vitest";
import { addMs, HOUR_MS } from "#server/lib/duration.ts";
import { createSecretBox } from "#server/lib/secrets.ts";
import { setUpSandbox } from "#server/providers/testing/set-up-sandbox.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildConnection, buildWorkspace } from "#server/testing/factories.ts";
import { estimateBackfill } from "./estimate-backfill.ts";
import { runBackfill } from "./run-backfill.ts";
import { createBackfillDeps, dayFromNow, TEST_SECRET } from "./testing/backfill-world.ts";
import { never, start } from "./testing/run-tools.ts";

const database = setUpTestDatabase();
const sandbox = setUpSandbox();

it("knows HighLevel's calls at once and its meetings only of days that were read before", async () => {
  const deps = createBackfillDeps(database.db, sandbox.url);
  const workspace = await buildWorkspace(database.db);
  const made = await sandbox.control("/highlevel/locations", {
    name: "Lumen Dental",
    users: [{ name: "Kim Cho", email: "kim@lumen.example" }],
    calendars: [{ name: "Consult" }, { name: "Checkup" }],
    contacts: [{ id: "contact-1", firstName: "Maya", email: "maya@lumen.example" }],
  });
  await sandbox.control("/highlevel/book", {
    location: made.location.id,
    calendar: made.calendars[0].id,
    contact: "contact-1",
    start: addMs(dayFromNow(1), 15 * HOUR_MS).toISOString(),
  });
  await buildConnection(database.db, {
    workspaceId: workspace.id,
    provider: "highlevel",
    locationId: made.location.id,
    tokenSealed: createSecretBox(TEST_SECRET).seal(made.token),
  });
  const target = { workspaceIds: [workspace.id], providers: ["highlevel" as const] };
  const estimate = async (from: number, to: number) =>
    (await estimateBackfill(deps, { ...target, from: dayFromNow(from), to: dayFromNow(to) })).estimate;

  // Two lists that tell what there is; then two calendars and a person for each of five days.
  expect(await estimate(0, 5)).toMatchObject({ meetings: null, calls: 17 });
  const run = await start(deps, workspace.id, 1, 2);
  await runBackfill(deps, { backfillId: run.id }, never());
  expect(await estimate(1, 2)).toMatchObject({ meetings: 1, calls: 5 });
  expect(await estimate(0, 5)).toMatchObject({ meetings: null, calls: 17 });
});
