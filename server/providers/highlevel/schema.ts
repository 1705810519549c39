import { z } from "zod";
import { softInstantSchema } from "../instant-schema.ts";
import { isKnownTimezone, readInstant } from "./wall-time.ts";

// Unknown fields are dropped, unknown words kept. Most keys come and go between accounts and endpoints, so
// only what a decision rests on is required.

const idSchema = z.string().min(1);
const textSchema = z.string().nullish();
/** Helps but decides nothing: anything else than a text counts as not given. */
const softTextSchema = textSchema.catch(null);
/** Either spelling; kept as text, since the bare one needs the location's zone. */
const timeSchema = z.string().refine((text) => readInstant(text, "UTC") !== null, "not a time");

/** Same object in lists, by id and under a contact; its times are spelled differently there. */
export const eventSchema = z.object({
  id: idSchema,
  title: textSchema,
  calendarId: textSchema,
  locationId: textSchema,
  contactId: textSchema,
  groupId: textSchema,
  appointmentStatus: textSchema,
  /** The wire's own misspelling, in some replies the only one there. */
  appoinmentStatus: textSchema,
  status: textSchema,
  assignedUserId: textSchema,
  users: z.array(z.string()).nullish().catch(null),
  startTime: timeSchema,
  endTime: timeSchema,
  // Their spelling in contact appointments is not settled, so they stay texts too.
  dateAdded: softTextSchema,
  dateUpdated: softTextSchema,
  deleted: z.boolean().nullish(),
  isRecurring: z.boolean().nullish().catch(null),
  masterEventId: textSchema,
});

/** Addresses arrive as texts or as objects. */
const emailItemSchema = z.union([z.string(), z.object({ email: textSchema })]);

export const contactSchema = z.object({
  id: idSchema,
  locationId: textSchema,
  email: textSchema,
  additionalEmails: z.array(emailItemSchema).nullish(),
  phone: textSchema,
  name: textSchema,
  contactName: textSchema,
  firstName: textSchema,
  lastName: textSchema,
  timezone: textSchema,
  companyName: textSchema,
  dateAdded: softInstantSchema,
  dateUpdated: softInstantSchema,
  searchAfter: z.array(z.union([z.string(), z.number(), z.null()])).nullish(),
});

export const calendarSchema = z.object({
  id: idSchema,
  name: textSchema,
  locationId: textSchema,
  calendarType: textSchema,
  isActive: z.boolean().nullish(),
  slotDuration: z.number().nullish().catch(null),
  teamMembers: z
    .array(z.object({ userId: textSchema, isPrimary: z.boolean().nullish() }))
    .nullish()
    .catch(null),
});

export const userSchema = z.object({
  id: idSchema,
  name: textSchema,
  firstName: textSchema,
  lastName: textSchema,
  email: textSchema,
  deleted: z.boolean().nullish(),
});

/** Without a zone that is known, no wall time could be read: then the location itself is not understood. */
const locationSchema = z.object({
  id: idSchema,
  companyId: textSchema,
  name: textSchema,
  timezone: z.string().refine(isKnownTimezone, "unknown zone"),
});

/** Documented as `event`, seen as `appointment`. */
export const appointmentReplySchema = z
  .union([
    z.object({ appointment: eventSchema }).transform(({ appointment }) => appointment),
    z.object({ event: eventSchema }).transform(({ event }) => event),
  ])
  .transform((event) => ({ event }));

export const eventListSchema = z.object({ events: z.array(z.unknown()) });
export const calendarListSchema = z.object({ calendars: z.array(z.unknown()) });
export const userListSchema = z.object({ users: z.array(z.unknown()) });
export const contactReplySchema = z.object({ contact: contactSchema });
export const locationReplySchema = z.object({ location: locationSchema });
export const contactListSchema = z.object({ contacts: z.array(z.unknown()), total: z.number().nullish() });
export const duplicateReplySchema = z.object({ contact: contactSchema.nullish() });

export type HighLevelEvent = z.infer<typeof eventSchema>;
export type HighLevelContact = z.infer<typeof contactSchema>;
export type HighLevelCalendar = z.infer<typeof calendarSchema>;
export type HighLevelUser = z.infer<typeof userSchema>;
export type HighLevelLocation = z.infer<typeof locationSchema>;
export type SearchCursor = NonNullable<HighLevelContact["searchAfter"]>;
