import { beforeEach, expect, it } from "vitest";
import { addMs, SECOND_MS } from "#server/lib/duration.ts";
import { setUpSandbox } from "#server/providers/testing/set-up-sandbox.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { runBackfill } from "./run-backfill.ts";
import { buildCalendlyWorld, createBackfillDeps } from "./testing/backfill-world.ts";
import { never, read, start } from "./testing/run-tools.ts";

const database = setUpTestDatabase();
const sandbox = setUpSandbox();

beforeEach(async () => {
  await sandbox.control("/faults", {}, "DELETE");
  await sandbox.control("/settings", {}, "DELETE");
});

const fault = (rule: Record<string, unknown>) =>
  sandbox.control("/faults", { provider: "calendly", ...rule });

it("asks for somebody whom a list leaves out, and takes no listed meeting for unlisted, in a run that was resumed too", async () => {
  const deps = createBackfillDeps(database.db, sandbox.url);
  const { workspace, connection, invitees } = await buildCalendlyWorld(database.db, sandbox.control, {
    1: 3,
  });
  await sandbox.control("/settings", { calendlyPageSize: 2 });
  await runBackfill(deps, { backfillId: (await start(deps, workspace.id, 1, 2)).id }, never());
  await database.db.eventWatermark.deleteMany();

  // The first page's first meeting names nobody; the second page is refused.
  const { id } = await start(deps, workspace.id, 1, 2);
  const { eventId, inviteeId } = invitees[0] ?? {};
  await fault({ kind: "empty_list", match: { path: `/scheduled_events/${eventId}/invitees` }, times: 1 });
  await fault({ kind: "status", status: 401, match: { path: "^/scheduled_events$" }, skip: 1 });
  await runBackfill(deps, { backfillId: id }, never());
  expect(await read(deps, id)).toMatchObject({ state: "waiting", slices: { done: 0 } });
  await database.db.connection.update({
    where: { id: connection.id },
    data: { state: "healthy", tokenChangedAt: addMs(new Date(), SECOND_MS) },
  });
  await sandbox.control("/faults", {}, "DELETE");
  await sandbox.control("/calls/reset");
  await runBackfill(deps, { backfillId: id }, never());

  expect(await read(deps, id)).toMatchObject({ state: "succeeded", effects: { vanished: 0 } });
  const { families } = (await sandbox.control("/calls", {}, "GET")).calendly;
  expect(families["GET /scheduled_events/:id/invitees/:id"]).toBe(1);
  const rows = await database.db.appointment.findMany({ where: { workspaceId: workspace.id } });
  expect(rows.filter(({ unlisted }) => unlisted)).toEqual([]);
  expect(rows.find(({ providerId }) => providerId === inviteeId)?.status).toBe("confirmed");
});
