import { describe, expect, it } from "vitest";
import { addDays, addMs, HOUR_MS, startOfUtcDay } from "#server/lib/duration.ts";
import { createSecretBox } from "#server/lib/secrets.ts";
import { buildConnection, buildLead, buildWorkspace } from "#server/testing/factories.ts";
import { lookUpLead } from "./look-up-lead.ts";
import { sweepConnection } from "./sweep-connection.ts";
import { setUpReconcile } from "./testing/set-up-reconcile.ts";

const test = setUpReconcile();

const secrets = createSecretBox("test-secret-of-at-least-32-characters");
const at = (days: number) => addMs(addDays(startOfUtcDay(new Date()), days), 10 * HOUR_MS).toISOString();

/** A location whose list leaves one calendar out, and nobody through whom its events could be listed. */
async function buildWorld() {
  const { location, token, calendars } = await test.sandbox.control("/highlevel/locations", {
    name: "Lumen Dental Group",
    timezone: "America/Chicago",
    users: [],
    calendars: [{ name: "Discovery" }, { name: "Hidden", isListed: false }],
  });
  const { id: workspaceId } = await buildWorkspace(test.db);
  const { id: connectionId } = await buildConnection(test.db, {
    workspaceId,
    provider: "highlevel",
    locationId: location.id,
    tokenSealed: secrets.seal(token),
  });
  return {
    workspaceId,
    connectionId,
    sweep: (tier: "hot" | "warm") => sweepConnection(test.deps, { connectionId, tier, trigger: "test" }),
    async book(email: string, calendar = "Hidden", start = at(3)) {
      const { contact } = await test.sandbox.control("/highlevel/contact", {
        location: location.id,
        email,
        firstName: "Sam",
      });
      const { appointment } = await test.sandbox.control("/highlevel/book", {
        location: location.id,
        calendar: calendars.find((each: { name: string }) => each.name === calendar).id,
        contact: contact.id,
        start,
      });
      const lead = await buildLead(test.db, { workspaceId, email });
      return { leadId: lead.id, appointmentId: appointment.id as string };
    },
  };
}

const stateOf = async (id: string) => (await test.db.lead.findUniqueOrThrow({ where: { id } })).meetingState;
const unlisted = (connectionId: string) =>
  test.db.appointment.count({ where: { connectionId, unlisted: true } });

describe("meetings that no list names (R30)", () => {
  it("are found by a lookup, asked for by id once, and with warm passes from then on", async () => {
    const world = await buildWorld();
    const { leadId, appointmentId } = await world.book("omar@harbor.example");
    await world.sweep("warm");
    expect(await stateOf(leadId)).toBe("none");
    await lookUpLead(test.deps, leadId, { priority: "live" });
    expect(await stateOf(leadId)).toBe("booked");

    expect(await world.sweep("hot")).toMatchObject({ asked: 1, vanished: 0 });
    expect(await unlisted(world.connectionId)).toBe(1);
    expect(await world.sweep("hot")).toMatchObject({ asked: 0 });
    expect(await world.sweep("warm")).toMatchObject({ asked: 1 });

    await test.sandbox.control("/highlevel/delete", { id: appointmentId });
    await world.sweep("hot");
    expect(await stateOf(leadId)).toBe("booked");
    expect(await world.sweep("warm")).toMatchObject({ redCreated: 1 });
    expect(await stateOf(leadId)).toBe("canceled");
  });

  it("do not pass for a calendar that was emptied, however many they are (R5)", async () => {
    const world = await buildWorld();
    for (let n = 0; n < 12; n++) {
      const { leadId } = await world.book(`guest${n}@harbor.example`, "Hidden", at(n + 1));
      await lookUpLead(test.deps, leadId, { priority: "live" });
    }
    expect(await world.sweep("warm")).toMatchObject({ guarded: 0, asked: 12, vanished: 0 });
    expect(await test.db.coverage.count({ where: { connectionId: world.connectionId } })).toBeGreaterThan(
      180,
    );
  });

  it("are listed again when the list names them, and missing like any other when it comes short (R5)", async () => {
    const world = await buildWorld();
    for (let n = 0; n < 12; n++) await world.book(`guest${n}@harbor.example`, "Discovery", at(n + 1));
    await world.sweep("warm");
    await test.db.appointment.updateMany({ data: { unlisted: true } });
    await test.sandbox.control("/faults", {
      provider: "highlevel",
      match: { path: "/calendars/events" },
      kind: "empty_list",
      times: 1,
    });
    expect(await world.sweep("warm")).toMatchObject({ guarded: 1, vanished: 0 });
    expect(await unlisted(world.connectionId)).toBe(12);
    await world.sweep("warm");
    expect(await unlisted(world.connectionId)).toBe(0);
  });

  it("are listed again also where the same pass found them changed", async () => {
    const world = await buildWorld();
    const { appointmentId } = await world.book("omar@harbor.example", "Discovery");
    await world.sweep("warm");
    await test.db.appointment.updateMany({ data: { unlisted: true } });
    await test.sandbox.control("/highlevel/update", { id: appointmentId, start: at(4) });
    await world.sweep("warm");
    expect(await unlisted(world.connectionId)).toBe(0);
  });
});
