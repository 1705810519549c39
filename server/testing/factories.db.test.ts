import { expect, test } from "vitest";
import { setUpTestDatabase } from "./database.ts";
import * as factories from "./factories.ts";

const database = setUpTestDatabase();

test("builds every row without help, parents included", async () => {
  const { db } = database;
  await factories.buildMembership(db);
  await factories.buildConnection(db);
  await factories.buildConnection(db, { provider: "highlevel" });
  const appointment = await factories.buildAppointment(db);
  const lead = await db.lead.findUniqueOrThrow({ where: { id: appointment.leadId ?? "" } });
  expect(lead.workspaceId).toBe(appointment.workspaceId);
  expect(appointment.attendeeKey).toBe(lead.emailKey);
  await factories.buildTask(db);
  const instance = await factories.buildInstance(db, { trigger: "meeting_booked" });
  expect(instance.trigger).toBe("meeting_booked");
});

test("hangs rows onto the parents it is given", async () => {
  const { db } = database;
  const lead = await factories.buildLead(db, { email: "Maya@Example.test" });
  const appointment = await factories.buildAppointment(db, { leadId: lead.id, status: "canceled" });
  const task = await factories.buildTask(db, { leadId: lead.id });
  expect(new Set([appointment.workspaceId, task.workspaceId])).toEqual(new Set([lead.workspaceId]));
  expect(appointment.attendeeKey).toBe("maya@example.test");
});

test("builds an unmatched appointment when the lead is null", async () => {
  const appointment = await factories.buildAppointment(database.db, { leadId: null });
  expect(appointment).toMatchObject({ leadId: null, linkedBy: null });
});
