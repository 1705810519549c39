import { expect, test } from "vitest";
import { connectCalendly } from "#server/connections/connect-calendly.ts";
import { connectHighLevel } from "#server/connections/connect-highlevel.ts";
import { setUpConnections } from "#server/connections/testing/set-up-connections.ts";
import { addMs, DAY_MS } from "#server/lib/duration.ts";
import { lookUpLead } from "#server/reconcile/look-up-lead.ts";
import { sweepConnection } from "#server/reconcile/sweep-connection.ts";
import { buildLead } from "#server/testing/factories.ts";

// Meetings around the hour that comes twice, and around the one that never comes, in the location's zone.

const EMAIL = "maya@ridgeline.example";
const setUp = setUpConnections();

test.each([
  ["back", "2026-11-01", ["05:30", "06:30", "07:30", "08:30"]],
  ["forward", "2026-03-08", ["06:30", "07:30", "08:30", "09:30"]],
])(
  "44: when clocks go %s, sweep and lookup know each meeting by its instant, and pairs stay pairs",
  async (_way, day, hours) => {
    const { world, deps, db, sandbox } = setUp;
    const workspaceId = world.workspace.id;
    const starts = hours.map((hour) => new Date(`${day}T${hour}:00Z`));
    const now = addMs(starts[0] as Date, -DAY_MS); // the first of four
    setUp.clock.set(now);
    await sandbox.control("/clock", { now: now.toISOString() });
    const linked = [
      await connectCalendly(deps, world.actor, { workspaceId, token: world.ownerToken }),
      await connectHighLevel(deps, world.actor, {
        workspaceId,
        token: world.location.token,
        locationId: world.location.location.id,
      }),
    ];
    const lead = await buildLead(db, { workspaceId, email: EMAIL });
    const { contact } = await sandbox.control("/highlevel/contact", {
      location: world.location.location.id,
      email: EMAIL,
      firstName: "Maya",
    });
    for (const start of starts) {
      await sandbox.control("/highlevel/book", {
        location: world.location.location.id,
        calendar: "Discovery",
        contact: contact.id,
        start: start.toISOString(),
      });
    }
    // The third of them is a copy of a Calendly meeting (R7).
    const [, , third] = starts;
    await sandbox.control("/calendly/book", {
      organization: world.organization.organization.id,
      eventType: "Intro call",
      start: third?.toISOString(),
      invitee: { email: EMAIL, name: "Maya Okafor" },
    });

    const read = async () => {
      const rows = await db.appointment.findMany({
        where: { workspaceId },
        orderBy: [{ startAt: "asc" }, { provider: "asc" }],
      });
      const changes = await db.appointmentChange.count({ where: { workspaceId } });
      return { rows, changes };
    };
    for (const outcome of linked) {
      if (!outcome.ok) throw new Error(`not connected: ${outcome.error.code}`);
      await sweepConnection(deps, { connectionId: outcome.connectionId, tier: "hot", trigger: "test" });
    }
    const swept = await read();
    const ofHighLevel = swept.rows.filter(({ provider }) => provider === "highlevel");
    expect(ofHighLevel.map(({ startAt }) => startAt)).toEqual(starts);
    expect(swept.rows.filter(({ mirrorOfId }) => mirrorOfId !== null)).toMatchObject([
      { provider: "highlevel", startAt: third },
    ]);

    setUp.clock.advance(60_000);
    await sandbox.control("/clock", { advanceMs: 60_000 });
    await lookUpLead(deps, lead.id, { priority: "live" });
    const lookedUp = await read();
    expect(lookedUp.rows.map(({ startAt }) => startAt)).toEqual(swept.rows.map(({ startAt }) => startAt));
    expect(lookedUp.changes).toBe(swept.changes);
    expect(await db.task.count({ where: { leadId: lead.id } })).toBe(0);
  },
);
