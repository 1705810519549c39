import { beforeEach, expect, test } from "vitest";
import type { MismatchCause } from "#server/db/generated/enums.ts";
import { addDays } from "#server/lib/duration.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildAppointment, TEST_NOW } from "#server/testing/factories.ts";
import { refreshCauses } from "./refresh-causes.ts";
import { buildClaim, buildLateLabel, buildMismatchWorld } from "./testing/mismatch-world.ts";

const database = setUpTestDatabase();
const NEVER = new AbortController().signal;

let world: Awaited<ReturnType<typeof buildMismatchWorld>>;
beforeEach(async () => {
  world = await buildMismatchWorld(database.db);
});

async function causeOf(leadId: string): Promise<MismatchCause | null> {
  await refreshCauses(world.deps, { workspaceId: world.workspaceId }, NEVER);
  const lead = await database.db.lead.findUniqueOrThrow({ where: { id: leadId } });
  return lead.mismatchCause;
}

test("finds a booking without a lead by name, by phone number and by a shared address", async () => {
  const { db } = database;
  const { workspaceId } = world;
  const byName = await buildClaim(db, workspaceId, { firstName: "Noor", lastName: "Vega", phone: null });
  const byPhone = await buildClaim(db, workspaceId, { phone: "(415) 555-0199" });
  const byAddress = await buildClaim(db, workspaceId, { email: "Shared@office.example", phone: null });
  const nobody = await buildClaim(db, workspaceId, { phone: "555" });
  const unmatched = { workspaceId, leadId: null };
  await buildAppointment(db, { ...unmatched, attendeeName: "NOOR vega" });
  await buildAppointment(db, { ...unmatched, attendeeName: "S. P.", attendeePhone: "+1 415-555-0199" });
  await buildAppointment(db, {
    ...unmatched,
    attendeeName: "S. P.",
    attendeeEmail: "shared@office.example",
    ambiguous: true,
  });
  await buildAppointment(db, { ...unmatched, attendeeName: "S. P.", attendeePhone: "555" });
  for (const lead of [byName, byPhone, byAddress]) expect(await causeOf(lead.id)).toBe("other_identity");
  expect(await causeOf(nobody.id)).toBe("no_trace");
});

test("follows a reschedule to its successor, wherever that is", async () => {
  const { db } = database;
  const { workspaceId } = world;
  const lead = await buildClaim(db, workspaceId, { firstName: "Ilse", lastName: "Moor" });
  const moved = { leadId: lead.id, status: "rescheduled", rescheduledToId: "SUCCESSOR" } as const;
  await buildAppointment(db, moved);
  expect(await causeOf(lead.id)).toBe("rescheduled_not_linked");
  const successor = await buildAppointment(db, { workspaceId, leadId: null, providerId: "SUCCESSOR" });
  world.clock.advance(60_000);
  expect(await causeOf(lead.id)).toBe("rescheduled_not_linked");
  await db.appointment.update({ where: { id: successor.id }, data: { leadId: lead.id } });
  await db.lead.update({ where: { id: lead.id }, data: { causeKind: null } });
  expect(await causeOf(lead.id)).toBe("no_trace");
});

test("decides again when a connection changes, and leaves versions alone", async () => {
  const { db } = database;
  const lead = await buildClaim(db, world.workspaceId);
  expect(await causeOf(lead.id)).toBe("no_trace");
  const decided = await db.lead.findUniqueOrThrow({ where: { id: lead.id } });
  expect(decided).toMatchObject({ causeKind: 1, causeAt: TEST_NOW, version: 1 });
  world.clock.advance(60_000);
  await db.connection.updateMany({
    where: { workspaceId: world.workspaceId, provider: "calendly" },
    data: { state: "action_needed", stateSince: world.clock.now() },
  });
  world.clock.advance(60_000);
  expect(await causeOf(lead.id)).toBe("feed_gap");
});

test("decides again when the label was set by hand since", async () => {
  const { db } = database;
  const lead = await buildLateLabel(db, world.workspaceId, { statusSource: "reconcile" });
  expect(await causeOf(lead.id)).toBe("no_trace");
  world.clock.advance(60_000);
  await db.lead.update({
    where: { id: lead.id },
    data: { statusSource: "operator", statusAt: addDays(TEST_NOW, 0.0003) },
  });
  expect(await causeOf(lead.id)).toBe("set_by_hand");
});
