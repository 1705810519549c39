/** What a delivery says about a booking; whatever else it holds belongs to the person and stays closed. */
const SHOWN = new Set([
  "event",
  "created_at",
  "uri",
  "status",
  "rescheduled",
  "old_invitee",
  "new_invitee",
  "timezone",
  "updated_at",
  "start_time",
  "end_time",
  "event_type",
  "canceler_type",
  "scheduling_method",
  "total",
  "active",
  "limit",
  "type",
  "kind",
  // HighLevel's.
  "id",
  "timestamp",
  "webhookId",
  "locationId",
  "calendarId",
  "contactId",
  "contact_id",
  "appointmentId",
  "appointment_id",
  "appointmentStatus",
  "appoinmentStatus",
  "selectedTimezone",
  "startTime",
  "endTime",
  "dateAdded",
  "dateUpdated",
  "deleted",
]);
const HIDDEN = "hidden";

/** The shape of a payload with only its harmless values: state, instants and ids; the rest reads "hidden". */
export function redactPayload(value: unknown, key: string | null = null): unknown {
  if (Array.isArray(value)) return value.map((item) => redactPayload(item, key));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, redactPayload(each, name)]));
  }
  if (value === null || typeof value === "boolean") return value;
  return key !== null && SHOWN.has(key) ? value : HIDDEN;
}
