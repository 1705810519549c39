import * as z from "zod";
import { formatWithOffset } from "../local-time.ts";
import { machineIds } from "../random.ts";
import { compareText } from "../sorted-index.ts";
import type { HighLevelAppointment } from "../world-types.ts";
import { bookAppointment, deleteAppointment, updateAppointment } from "./acts.ts";
import {
  type HighLevelCall,
  type HighLevelHandler,
  refuseOtherQuery,
  refuseText,
  requireLocation,
} from "./call.ts";
import type { AppointmentEvent } from "./delivery-bodies.ts";
import { refuseFields, refuseLocation, refuseRequest, refuseUnknown } from "./errors.ts";
import { renderAppointment, renderContactAppointment, renderWrittenAppointment } from "./render.ts";

const STATUS_WORDS = ["new", "confirmed", "cancelled", "showed", "noshow", "invalid"];
/** Only version 3 takes these in requests. */
const STATUS_WORDS_V3 = [...STATUS_WORDS, "active", "completed"];

/** Everything of one calendar, user or group that overlaps the window, in one reply, in the order of ids. */
export const listEvents: HighLevelHandler = (call) => {
  refuseOtherQuery(call, ["locationId", "startTime", "endTime", "calendarId", "userId", "groupId"]);
  requireLocation(call, call.query("locationId"));
  const start = call.query("startTime");
  const end = call.query("endTime");
  if (start === undefined || end === undefined) {
    const missing = [start === undefined ? "startTime" : null, end === undefined ? "endTime" : null];
    throw refuseFields(missing.flatMap((name) => (name ? [`${name} should not be empty`] : [])));
  }
  const key = readSelector(call);
  // Text that is no number of milliseconds is answered with an empty list, as if there were nothing.
  if (!/^\d+$/.test(start) || !/^\d+$/.test(end)) return { body: { events: [] } };
  const fromMs = Number(start);
  const toMs = Number(end);
  const { appointmentsByStart, longestAppointmentMs, settings } = call.world;
  const rows = appointmentsByStart.rows(key);
  const found: HighLevelAppointment[] = [];
  for (
    let at = appointmentsByStart.lowerBound(key, fromMs - longestAppointmentMs);
    at < rows.length;
    at += 1
  ) {
    const row = rows[at];
    if (!row || row.startMs >= toMs) break;
    if (row.endMs <= fromMs || row.locationId !== call.location.id) continue;
    if (row.deleted && !settings.listDeletedAppointments) continue;
    found.push(row);
  }
  found.sort((a, b) => compareText(a.id, b.id));
  return { body: { events: found.map((row) => renderAppointment(call.world, row, "list")) } };
};

function readSelector(call: HighLevelCall): string {
  for (const name of ["calendarId", "userId", "groupId"] as const) {
    const id = call.query(name);
    if (id) return `${name.slice(0, -2)}:${id}`;
  }
  throw refuseText("Either of userId, groupId or calendarId is required");
}

export const getAppointment: HighLevelHandler = (call) => {
  const appointment = findAppointment(call);
  const wrapper = call.world.settings.appointmentWrapper;
  return { body: { [wrapper]: renderAppointment(call.world, appointment, "single") } };
};

export const listContactAppointments: HighLevelHandler = (call) => {
  refuseOtherQuery(call, []);
  const contact = call.world.contacts.get(call.params.id ?? "");
  if (!contact) throw refuseRequest(`Contact with id ${call.params.id} not found`);
  if (contact.locationId !== call.location.id) throw refuseLocation();
  const rows = call.world.appointmentsByStart.rows(`contact:${contact.id}`);
  return { body: { events: rows.map((row) => renderContactAppointment(call.world, row)) } };
};

const changeFields = {
  calendarId: z.string().min(1),
  startTime: z.iso.datetime({ offset: true }),
  endTime: z.iso.datetime({ offset: true }),
  title: z.string(),
  appointmentStatus: z.string(),
  assignedUserId: z.string(),
  description: z.string(),
  address: z.string(),
  meetingLocationType: z.string(),
  meetingLocationId: z.string(),
  overrideLocationConfig: z.boolean(),
  ignoreDateRange: z.boolean(),
  ignoreFreeSlotValidation: z.boolean(),
  toNotify: z.boolean(),
  rrule: z.string(),
};
const changeSchema = z.strictObject(changeFields).partial();
const bookingSchema = changeSchema.extend({
  calendarId: z.string().min(1),
  locationId: z.string().min(1),
  contactId: z.string().min(1),
  startTime: z.iso.datetime({ offset: true }),
});

export const postAppointment: HighLevelHandler = (call) => {
  const input = readBody(call, bookingSchema);
  requireLocation(call, input.locationId);
  const calendar = call.world.calendars.get(input.calendarId);
  if (calendar?.locationId !== call.location.id) throw refuseRequest("Calendar not found");
  const contact = call.world.contacts.get(input.contactId);
  if (contact?.locationId !== call.location.id)
    throw refuseRequest(`Contact with id ${input.contactId} not found`);
  requireStatusWord(call, input.appointmentStatus);
  const startMs = Date.parse(input.startTime);
  const endMs = input.endTime ? Date.parse(input.endTime) : startMs + calendar.slotMinutes * 60_000;
  if (endMs <= startMs) throw refuseRequest("endTime must be after startTime");
  if (!input.ignoreFreeSlotValidation) requireFreeSlot(call, calendar.id, input.startTime, calendar.seats);
  const appointment = bookAppointment(
    { world: call.world, nowMs: call.nowMs, ids: machineIds },
    {
      locationId: call.location.id,
      calendarId: calendar.id,
      contactId: contact.id,
      startMs,
      endMs,
      status: input.appointmentStatus ?? "confirmed",
      title: input.title,
      assignedUserId: input.assignedUserId,
      address: input.address,
      notes: input.description ?? null,
      source: "third_party",
    },
  );
  announce(call, "AppointmentCreate", appointment, input.toNotify);
  return { body: renderWrittenAppointment(appointment) };
};

export const putAppointment: HighLevelHandler = (call) => {
  const appointment = findAppointment(call);
  const input = readBody(call, changeSchema);
  requireStatusWord(call, input.appointmentStatus);
  const calendar = call.world.calendars.get(input.calendarId ?? appointment.calendarId);
  if (calendar?.locationId !== call.location.id) throw refuseRequest("Calendar not found");
  const startMs = input.startTime ? Date.parse(input.startTime) : appointment.startMs;
  const lengthMs = appointment.endMs - appointment.startMs;
  const endMs = input.endTime ? Date.parse(input.endTime) : startMs + lengthMs;
  if (endMs <= startMs) throw refuseRequest("endTime must be after startTime");
  if (input.startTime && startMs !== appointment.startMs && !input.ignoreFreeSlotValidation) {
    requireFreeSlot(call, calendar.id, input.startTime, calendar.seats);
  }
  updateAppointment({ world: call.world, nowMs: call.nowMs, ids: machineIds }, appointment, {
    calendarId: calendar.id,
    groupId: calendar.groupId,
    startMs,
    endMs,
    status: input.appointmentStatus ?? appointment.status,
    title: input.title ?? appointment.title,
    assignedUserId: input.assignedUserId ?? appointment.assignedUserId,
    address: input.address ?? appointment.address,
    notes: input.description ?? appointment.notes,
  });
  announce(call, "AppointmentUpdate", appointment, input.toNotify);
  return { body: renderWrittenAppointment(appointment) };
};

export const removeEvent: HighLevelHandler = (call) => {
  const appointment = findAppointment(call);
  deleteAppointment(appointment);
  announce(call, "AppointmentDelete", appointment);
  return { body: { succeeded: true } };
};

/** `toNotify: false` silences the location's automations, not the marketplace. */
function announce(
  call: HighLevelCall,
  type: AppointmentEvent,
  appointment: HighLevelAppointment,
  toNotify = true,
): void {
  call.sandbox.changed();
  call.sandbox.highlevelDeliveries.announceAppointment(type, appointment, { silent: !toNotify });
}

function findAppointment(call: HighLevelCall): HighLevelAppointment {
  const appointment = call.world.appointments.get(call.params.id ?? "");
  if (!appointment) throw refuseUnknown("Appointment not found");
  if (appointment.locationId !== call.location.id) throw refuseLocation();
  return appointment;
}

/** Free means: spelled in the location's own offset, on the calendar's grid, ahead of now, and not full. */
function requireFreeSlot(call: HighLevelCall, calendarId: string, text: string, seats: number): void {
  const startMs = Date.parse(text);
  const taken = call.world.appointmentsByStart
    .rows(`calendar:${calendarId}`)
    .slice(call.world.appointmentsByStart.lowerBound(`calendar:${calendarId}`, startMs))
    .filter(
      (row) => row.startMs === startMs && !row.deleted && !["cancelled", "invalid"].includes(row.status),
    );
  const isFree =
    startMs > call.nowMs &&
    startMs % 900_000 === 0 &&
    text === formatWithOffset(call.location.timezone, startMs) &&
    taken.length < seats;
  if (!isFree) throw refuseRequest("The slot you have selected is no longer available.");
}

function requireStatusWord(call: HighLevelCall, word: string | undefined): void {
  const words = call.version === "v3" ? STATUS_WORDS_V3 : STATUS_WORDS;
  if (word !== undefined && !words.includes(word)) {
    throw refuseFields([`appointmentStatus must be one of the following values: ${words.join(", ")}`]);
  }
}

function readBody<T extends z.ZodType>(call: HighLevelCall, schema: T): z.infer<T> {
  const parsed = schema.safeParse(call.body ?? {});
  if (parsed.success) return parsed.data;
  throw refuseFields(
    parsed.error.issues.flatMap((issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => `property ${key} should not exist`)
        : [`${issue.path.join(".")} is missing or malformed`],
    ),
  );
}
