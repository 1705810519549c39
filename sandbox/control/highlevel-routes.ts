import { randomBytes } from "node:crypto";
import type { Router } from "express";
import * as z from "zod";
import {
  type ActDeps,
  bookAppointment,
  deleteAppointment,
  saveContact,
  updateAppointment,
} from "../highlevel/acts.ts";
import { renderAppointment, renderContact } from "../highlevel/render.ts";
import { machineIds } from "../random.ts";
import type { Sandbox } from "../sandbox.ts";
import type { HighLevelAppointment, HighLevelToken } from "../world-types.ts";
import { unknownReference } from "./control-error.ts";
import { addControlRoute, noBody } from "./control-route.ts";
import { ALL_SCOPES, createLocation } from "./create-location.ts";
import { findAppointment, findCalendar, findLocation } from "./references.ts";

const instant = z.iso.datetime({ offset: true });

const contactFields = {
  id: z.string().optional(),
  firstName: z.string().optional(),
  lastName: z.string().optional(),
  email: z.string().nullish(),
  additionalEmails: z.array(z.string()).optional(),
  phone: z.string().nullish(),
  companyName: z.string().nullish(),
  timezone: z.string().nullish(),
  tags: z.array(z.string()).optional(),
  source: z.string().nullish(),
};

const locationSchema = z.strictObject({
  id: z.string().optional(),
  name: z.string(),
  timezone: z.string().default("America/New_York"),
  token: z.string().optional(),
  users: z
    .array(
      z.strictObject({ name: z.string(), email: z.string(), role: z.enum(["admin", "user"]).optional() }),
    )
    .default([]),
  calendars: z
    .array(
      z.strictObject({
        name: z.string(),
        slotMinutes: z.int().positive().optional(),
        type: z.string().optional(),
        seats: z.int().positive().optional(),
        groupId: z.string().optional(),
        team: z.array(z.string()).optional(),
        isListed: z.boolean().optional(),
      }),
    )
    .default([]),
  contacts: z.array(z.strictObject(contactFields)).default([]),
});

const tokenSchema = z.strictObject({
  location: z.string(),
  scopes: z.array(z.string()).default(ALL_SCOPES),
  kind: z.enum(["pit", "agency_pit", "oauth_location", "oauth_company"]).default("pit"),
  token: z.string().optional(),
  state: z.enum(["active", "revoked", "expired"]).default("active"),
});

const bookSchema = z.strictObject({
  at: instant.optional(),
  webhooks: z.boolean().optional(),
  location: z.string(),
  calendar: z.string(),
  contact: z.string().nullable(),
  start: instant,
  end: instant.optional(),
  status: z.string().optional(),
  title: z.string().optional(),
  assignedUserId: z.string().nullish(),
  userIds: z.array(z.string()).optional(),
  source: z.string().optional(),
  notes: z.string().nullish(),
});

const updateSchema = z.strictObject({
  at: instant.optional(),
  webhooks: z.boolean().default(true),
  id: z.string(),
  status: z.string().optional(),
  start: instant.optional(),
  end: instant.optional(),
  calendar: z.string().optional(),
  contact: z.string().optional(),
  title: z.string().optional(),
});

export function addHighLevelControl(router: Router, sandbox: Sandbox): void {
  const deps = (at?: string): ActDeps => ({
    world: sandbox.world,
    nowMs: at === undefined ? sandbox.clock.nowMs() : Date.parse(at),
    ids: machineIds,
  });

  addControlRoute(router, sandbox, "post", "/highlevel/locations", locationSchema, ({ body }) =>
    createLocation(deps(), body),
  );

  addControlRoute(router, sandbox, "post", "/highlevel/tokens", tokenSchema, ({ body }) => {
    const token: HighLevelToken = {
      token: body.token ?? `pit-${randomBytes(16).toString("hex")}`,
      kind: body.kind,
      locationId: findLocation(sandbox.world, body.location).id,
      scopes: body.scopes,
      state: body.state,
    };
    sandbox.world.highlevelTokens.set(token.token, token);
    return token;
  });

  for (const state of ["revoked", "expired", "active"] as const) {
    const act = { revoked: "revoke", expired: "expire", active: "restore" }[state];
    addControlRoute(router, sandbox, "post", `/highlevel/tokens/:token/${act}`, noBody, ({ params }) => {
      const token = sandbox.world.highlevelTokens.get(params.token ?? "");
      if (!token) throw unknownReference("token", params.token ?? "");
      token.state = state;
      return token;
    });
  }

  const contactSchema = z.strictObject({
    location: z.string(),
    at: instant.optional(),
    webhooks: z.boolean().default(true),
    ...contactFields,
  });
  addControlRoute(router, sandbox, "post", "/highlevel/contact", contactSchema, ({ body }) => {
    const { location, at, webhooks, ...fields } = body;
    const isKnown = sandbox.world.contacts.has(fields.id ?? "");
    const locationId = findLocation(sandbox.world, location).id;
    const contact = saveContact(deps(at), { ...fields, locationId });
    if (webhooks) {
      sandbox.highlevelDeliveries.announceContact(isKnown ? "ContactUpdate" : "ContactCreate", contact);
    }
    return { id: contact.id, contact: renderContact(contact) };
  });

  addControlRoute(router, sandbox, "post", "/highlevel/book", bookSchema, ({ body }) =>
    showAppointment(sandbox, book(sandbox, deps(body.at), { webhooks: true, ...body })),
  );

  addControlRoute(router, sandbox, "post", "/highlevel/bulk-book", z.array(bookSchema), ({ body }) => ({
    booked: body.map((input) => ({ id: book(sandbox, deps(input.at), input).id })),
  }));

  addControlRoute(router, sandbox, "post", "/highlevel/update", updateSchema, ({ body }) => {
    const appointment = findAppointment(sandbox.world, body.id);
    const startMs = body.start ? Date.parse(body.start) : appointment.startMs;
    const lengthMs = appointment.endMs - appointment.startMs;
    updateAppointment(deps(body.at), appointment, {
      startMs,
      endMs: body.end ? Date.parse(body.end) : startMs + lengthMs,
      status: body.status ?? appointment.status,
      title: body.title ?? appointment.title,
      contactId: body.contact ?? appointment.contactId,
      calendarId: body.calendar
        ? findCalendar(sandbox.world, appointment.locationId, body.calendar).id
        : appointment.calendarId,
    });
    if (body.webhooks) sandbox.highlevelDeliveries.announceAppointment("AppointmentUpdate", appointment);
    return showAppointment(sandbox, appointment);
  });

  const deleteSchema = z.strictObject({
    id: z.string(),
    forever: z.boolean().default(false),
    webhooks: z.boolean().default(true),
  });
  addControlRoute(router, sandbox, "post", "/highlevel/delete", deleteSchema, ({ body }) => {
    const appointment = findAppointment(sandbox.world, body.id);
    if (body.forever) sandbox.world.removeAppointment(appointment);
    else deleteAppointment(appointment);
    if (body.webhooks) sandbox.highlevelDeliveries.announceAppointment("AppointmentDelete", appointment);
    return { deleted: true };
  });
}

function book(sandbox: Sandbox, deps: ActDeps, body: z.infer<typeof bookSchema>): HighLevelAppointment {
  const location = findLocation(sandbox.world, body.location);
  const calendar = findCalendar(sandbox.world, location.id, body.calendar);
  if (body.contact !== null && !sandbox.world.contacts.has(body.contact)) {
    throw unknownReference("contact", body.contact);
  }
  const startMs = Date.parse(body.start);
  const appointment = bookAppointment(deps, {
    locationId: location.id,
    calendarId: calendar.id,
    contactId: body.contact,
    startMs,
    endMs: body.end ? Date.parse(body.end) : startMs + calendar.slotMinutes * 60_000,
    status: body.status,
    title: body.title,
    assignedUserId: body.assignedUserId,
    userIds: body.userIds,
    source: body.source,
    notes: body.notes,
  });
  if (body.webhooks) sandbox.highlevelDeliveries.announceAppointment("AppointmentCreate", appointment);
  return appointment;
}

function showAppointment(sandbox: Sandbox, appointment: HighLevelAppointment) {
  return { id: appointment.id, appointment: renderAppointment(sandbox.world, appointment, "single") };
}
