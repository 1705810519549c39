import { beforeEach, describe, expect, test } from "vitest";
import { addMs, DAY_MS, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import { sweepConnection } from "#server/reconcile/sweep-connection.ts";
import { buildLead, TEST_NOW } from "#server/testing/factories.ts";
import { confirmDrop } from "./confirm-drop.ts";
import { connectCalendly } from "./connect-calendly.ts";
import { loadHealth } from "./queries.ts";
import { setUpConnections } from "./testing/set-up-connections.ts";

const MEETINGS = 12;
const setUp = setUpConnections();
let connectionId = "";
let eventIds: string[] = [];

const ref = () => ({ workspaceId: setUp.world.workspace.id, connectionId });
const standing = () => setUp.db.appointment.count({ where: { connectionId, status: "confirmed" } });
const drops = async () =>
  (await loadHealth(setUp.deps, ref())).incidents.filter(({ kind }) => kind === "suspicious_drop");

async function sweep() {
  setUp.clock.advance(MINUTE_MS);
  return sweepConnection(setUp.deps, { connectionId, tier: "warm", trigger: "test" });
}

beforeEach(async () => {
  const { world, deps, sandbox, db } = setUp;
  const workspaceId = world.workspace.id;
  const outcome = await connectCalendly(deps, world.actor, { workspaceId, token: world.ownerToken });
  if (!outcome.ok) throw new Error(`not connected: ${outcome.error.code}`);
  connectionId = outcome.connectionId;
  const { booked } = await sandbox.control(
    "/calendly/bulk-book",
    Array.from({ length: MEETINGS }, (_, at) => ({
      organization: world.organization.organization.id,
      eventType: "Intro call",
      start: addMs(TEST_NOW, DAY_MS + at * HOUR_MS).toISOString(),
      invitee: { email: `person${at}@ridgeline.example`, name: "Sam Porter" },
    })),
  );
  eventIds = booked.map(({ eventId }: { eventId: string }) => eventId);
  await buildLead(db, { workspaceId, email: "person0@ridgeline.example" });
  await sweep();
  expect(await standing()).toBe(MEETINGS);
});

describe("39: far fewer meetings than before", () => {
  test("are no loss until a person says so, and then only what the provider does not know any more", async () => {
    const { sandbox, deps, world } = setUp;
    for (const event of eventIds.slice(1)) await sandbox.control("/calendly/delete", { event });
    await sandbox.control("/faults", { provider: "calendly", kind: "empty_list" });
    expect(await sweep()).toMatchObject({ guarded: 1, vanished: 0 });
    expect(await sweep()).toMatchObject({ guarded: 1, vanished: 0 });
    expect(await standing()).toBe(MEETINGS);
    expect(await drops()).toMatchObject([
      { count: 2, what: `Calendly listed 0 of ${MEETINGS} meetings that we know.` },
    ]);

    expect(await confirmDrop(deps, world.actor, ref())).toEqual({ missing: MEETINGS });
    expect(await setUp.waiting("sweep")).toBe(1);
    expect(await sweep()).toMatchObject({ guarded: 0, asked: MEETINGS, vanished: MEETINGS - 1 });
    expect(await standing()).toBe(1);
    expect(await drops()).toEqual([]);
    expect(
      await setUp.db.auditEntry.findMany({
        where: { subjectId: connectionId, verb: "connection_drop_confirmed" },
      }),
    ).toMatchObject([{ actorKind: "operator", after: { missing: MEETINGS } }]);
  });

  test("a word holds for the drop that it was about", async () => {
    const { sandbox, deps, world, db } = setUp;
    const { id: faultId } = await sandbox.control("/faults", { provider: "calendly", kind: "empty_list" });
    await sweep();
    await confirmDrop(deps, world.actor, ref());
    await setUp.sandbox.control(`/faults/${faultId}`, {}, "DELETE");
    await sweep();
    expect(await drops()).toEqual([]);
    expect(await db.connection.findUnique({ where: { id: connectionId } })).toMatchObject({
      dropConfirmed: null,
    });
    await expect(confirmDrop(deps, world.actor, ref())).rejects.toMatchObject({ code: "nothing_to_confirm" });

    await sandbox.control("/faults", { provider: "calendly", kind: "empty_list" });
    expect(await sweep()).toMatchObject({ guarded: 1, vanished: 0 });
    expect(await standing()).toBe(MEETINGS);
  });

  test("nobody confirms for another workspace", async () => {
    const foreign = { workspaceId: "7b0d5a3e-1111-4222-8333-444455556666", connectionId };
    await expect(confirmDrop(setUp.deps, setUp.world.actor, foreign)).rejects.toMatchObject({ status: 404 });
  });
});
