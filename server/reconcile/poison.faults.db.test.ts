import { expect, it } from "vitest";
import { addDays, addMs, HOUR_MS, startOfUtcDay } from "#server/lib/duration.ts";
import { buildLead } from "#server/testing/factories.ts";
import { sweepConnection } from "./sweep-connection.ts";
import { setUpReconcile } from "./testing/set-up-reconcile.ts";

// Records that no PostgreSQL takes: a NUL is a character of JSON and of no text there.

const test = setUpReconcile();
const at = (days: number) => addMs(addDays(startOfUtcDay(new Date()), days), 10 * HOUR_MS).toISOString();

const sweep = (provider: "calendly" | "highlevel") =>
  sweepConnection(test.deps, { connectionId: test.world[provider].id, tier: "warm", trigger: "test" });

const names = ["Sam", "Ev\u0000a", "Noor", "Lee", "Ida"];

const drift = (provider: "calendly" | "highlevel") =>
  test.db.incident.findFirst({
    where: { connectionId: test.world[provider].id, kind: "schema_drift", closedAt: null },
  });

it("45: one poisoned booking costs a Calendly sweep itself and nothing else, and is seen", async () => {
  const booked = [];
  for (const [index, name] of names.entries()) {
    const email = `person${index}@harbor.example`;
    await buildLead(test.db, { workspaceId: test.world.workspaceId, email });
    booked.push(
      await test.sandbox.control("/calendly/book", {
        organization: test.world.organization.organization.id,
        eventType: "Intro call",
        start: at(3 + index),
        invitee: { email, name },
      }),
    );
  }
  expect(await sweep("calendly")).toMatchObject({ created: 4, rejected: 1 });
  const where = { workspaceId: test.world.workspaceId };
  expect(await test.db.lead.count({ where: { ...where, meetingState: "booked" } })).toBe(4);
  expect(await drift("calendly")).toMatchObject({ count: 1, details: { records: 1 } });
  expect(await test.db.connection.findUnique({ where: { id: test.world.calendly.id } })).toMatchObject({
    state: "healthy",
    failures: 0,
    warmSweptAt: expect.any(Date),
  });

  await test.sandbox.control("/calendly/patch", { invitee: booked[1].inviteeId, fields: { name: "Eva" } });
  expect(await sweep("calendly")).toMatchObject({ created: 1, known: 4 });
  expect(await test.db.lead.count({ where: { ...where, meetingState: "booked" } })).toBe(5);
});

it("45: so does one poisoned contact, a HighLevel sweep", async () => {
  const location = test.world.location.location.id;
  for (const [index, firstName] of names.entries()) {
    const email = `person${index}@harbor.example`;
    await buildLead(test.db, { workspaceId: test.world.workspaceId, email });
    const { contact } = await test.sandbox.control("/highlevel/contact", { location, email, firstName });
    await test.sandbox.control("/highlevel/book", {
      location,
      calendar: "Discovery",
      contact: contact.id,
      start: at(3 + index),
    });
  }
  expect(await sweep("highlevel")).toMatchObject({ created: 4, rejected: 1 });
  const where = { workspaceId: test.world.workspaceId, meetingState: "booked" as const };
  expect(await test.db.lead.count({ where })).toBe(4);
  expect(await drift("highlevel")).toMatchObject({ count: 1, details: { records: 1 } });
});
