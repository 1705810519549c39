import type { Router } from "express";
import * as z from "zod";
import type { Sandbox } from "../sandbox.ts";
import type { Trickle } from "../trickle/trickle.ts";
import { addControlRoute, noBody } from "./control-route.ts";

const vanishSchema = z.strictObject({
  account: z.string().optional(),
  story: z.string().default("deleted"),
  /** How many people lose their meetings; without it, all with that story. */
  limit: z.int().min(1).optional(),
});

const trickleSchema = z.strictObject({ everyMs: z.int().min(20).default(20_000), on: z.boolean() });

export function addPeopleControl(router: Router, sandbox: Sandbox, trickle: Trickle): void {
  addControlRoute(router, sandbox, "get", "/people", noBody, ({ query }) => {
    const account = query("account");
    const story = query("story");
    const people = sandbox.world.people.filter(
      (person) => (!account || person.account === account) && (!story || person.story === story),
    );
    return { people };
  });

  // The meetings leave without a word, as data deletion does it: no webhook, and their ids answer 404.
  addControlRoute(router, sandbox, "post", "/people/vanish", vanishSchema, ({ body }) => {
    const { world } = sandbox;
    const gone: { personId: string; inviteeIds: string[]; appointmentIds: string[] }[] = [];
    for (const person of world.people) {
      if (gone.length === (body.limit ?? Number.POSITIVE_INFINITY)) break;
      if (person.story !== body.story || (body.account && person.account !== body.account)) continue;
      const invitees = person.inviteeIds.flatMap((id) => world.invitees.get(id) ?? []);
      const appointments = person.appointmentIds.flatMap((id) => world.appointments.get(id) ?? []);
      if (invitees.length + appointments.length === 0) continue;
      for (const invitee of invitees) {
        const event = world.events.get(invitee.eventId);
        world.removeInvitee(invitee);
        if (event && event.inviteeIds.length === 0) world.removeEvent(event);
      }
      for (const appointment of appointments) world.removeAppointment(appointment);
      gone.push({
        personId: person.id,
        inviteeIds: invitees.map((row) => row.id),
        appointmentIds: appointments.map((row) => row.id),
      });
    }
    return { vanished: gone };
  });

  addControlRoute(router, sandbox, "post", "/trickle", trickleSchema, ({ body }) => {
    sandbox.world.trickleMs = body.on ? body.everyMs : null;
    trickle.restart();
    return { trickleMs: sandbox.world.trickleMs };
  });

  addControlRoute(router, sandbox, "post", "/trickle/act", noBody, () => ({ happened: trickle.act() }));
}
