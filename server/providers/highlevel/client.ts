import type { z } from "zod";
import { createHttpClient, type HttpRequest, type ProviderClientOptions } from "../http-client.ts";
import { isForeignPage, type ParsedRows, parseRows } from "../parse-rows.ts";
import { ProviderError } from "../provider-error.ts";
import { path } from "../provider-url.ts";
import { highlevelBucket } from "../rate-bucket.ts";
import { highLevelDialect } from "./dialect.ts";
import { hasEmail } from "./map-contact.ts";
import {
  appointmentReplySchema,
  calendarListSchema,
  calendarSchema,
  contactListSchema,
  contactReplySchema,
  contactSchema,
  duplicateReplySchema,
  eventListSchema,
  eventSchema,
  type HighLevelContact,
  locationReplySchema,
  type SearchCursor,
  userListSchema,
  userSchema,
} from "./schema.ts";

/** Each family is asked in the version that documents it. */
const CALENDARS = { version: "2021-04-15" };
const REST = { version: "2021-07-28" };

const MAX_PAGE = 500;
const MAX_FILTER_TEXT = 75;

export type HighLevelClientOptions = ProviderClientOptions & { locationId: string };

export type HighLevelClient = ReturnType<typeof createHighLevelClient>;

export type ContactFilter = { field: string; operator: string; value?: unknown };

/**
 * Every call answers with `asOf`, the moment it was sent. Rows that cannot be read are in `rejected`, not
 * lost in silence.
 */
export function createHighLevelClient(options: HighLevelClientOptions) {
  const { locationId } = options;
  const http = createHttpClient(highLevelDialect, highlevelBucket(locationId), options);

  async function get<T>(request: Omit<HttpRequest<T>, "method">) {
    return await http.request({ ...request, method: "GET" });
  }

  async function searchContacts(query: {
    filters?: readonly ContactFilter[];
    query?: string;
    /** Newest first by this date; without it by the date they were added. */
    newestBy?: "dateAdded" | "dateUpdated";
    searchAfter?: SearchCursor | null;
    pageLimit?: number;
  }) {
    // A read, though a POST; unknown or empty properties would be refused.
    const { data, asOf } = await http.request({
      method: "POST",
      endpoint: "/contacts/search",
      path: "/contacts/search",
      headers: REST,
      body: {
        locationId,
        pageLimit: Math.min(query.pageLimit ?? MAX_PAGE, MAX_PAGE),
        filters: query.filters?.length ? query.filters : undefined,
        query: query.query || undefined,
        sort: query.newestBy ? [{ field: query.newestBy, direction: "desc" }] : undefined,
        searchAfter: query.searchAfter ?? undefined,
      },
      schema: contactListSchema,
    });
    const { rows, rejected } = readRows("/contacts/search", data.contacts, contactSchema);
    return {
      asOf,
      contacts: rows,
      rejected,
      total: data.total ?? null,
      /** Null on the empty page behind the last one: only that page is the end. */
      searchAfter: readCursor(data.contacts),
    };
  }

  return {
    searchContacts,
    clockSkewMs: http.clockSkewMs,

    /** Its timezone is what bare wall times are read in. */
    async location() {
      const { data, asOf } = await get({
        endpoint: "/locations/:id",
        path: path`/locations/${locationId}`,
        headers: REST,
        isById: true,
        schema: locationReplySchema,
      });
      return { asOf, location: data.location };
    },

    async calendars() {
      const { data, asOf } = await get({
        endpoint: "/calendars/",
        path: "/calendars/",
        query: { locationId },
        headers: CALENDARS,
        schema: calendarListSchema,
      });
      const { rows, rejected } = readRows("/calendars/", data.calendars, calendarSchema);
      return { asOf, calendars: rows, rejected };
    },

    async users() {
      const { data, asOf } = await get({
        endpoint: "/users/",
        path: "/users/",
        query: { locationId },
        headers: REST,
        schema: userListSchema,
      });
      const { rows, rejected } = readRows("/users/", data.users, userSchema);
      return { asOf, users: rows, rejected };
    },

    /**
     * Everything that overlaps the window, canceled ones too, in one reply: neighbouring windows repeat
     * events. What is missing may still exist; only `appointment` proves that it does not.
     */
    async listEvents(
      query: ({ calendarId: string } | { userId: string }) & { startMs: number; endMs: number },
    ) {
      const { data, asOf } = await get({
        endpoint: "/calendars/events",
        path: "/calendars/events",
        query: {
          locationId,
          calendarId: "calendarId" in query ? query.calendarId : undefined,
          userId: "userId" in query ? query.userId : undefined,
          startTime: Math.trunc(query.startMs),
          endTime: Math.trunc(query.endMs),
        },
        headers: CALENDARS,
        schema: eventListSchema,
      });
      const { rows, rejected } = readRows("/calendars/events", data.events, eventSchema);
      return { asOf, events: rows, rejected };
    },

    /** A deleted one still answers, with `deleted: true` and its last status. */
    async appointment(id: string) {
      const { data, asOf } = await get({
        endpoint: "/calendars/events/appointments/:id",
        path: path`/calendars/events/appointments/${id}`,
        headers: CALENDARS,
        isById: true,
        schema: appointmentReplySchema,
      });
      return { asOf, event: data.event };
    },

    /** Times are bare wall times of the location here; deleted ones are listed. Not found is the contact. */
    async contactAppointments(contactId: string) {
      const endpoint = "/contacts/:id/appointments";
      const { data, asOf } = await get({
        endpoint,
        path: path`/contacts/${contactId}/appointments`,
        headers: REST,
        isById: true,
        schema: eventListSchema,
      });
      const { rows, rejected } = readRows(endpoint, data.events, eventSchema);
      return { asOf, events: rows, rejected };
    },

    async contact(id: string) {
      const { data, asOf } = await get({
        endpoint: "/contacts/:id",
        path: path`/contacts/${id}`,
        headers: REST,
        isById: true,
        schema: contactReplySchema,
      });
      return { asOf, contact: data.contact };
    },

    /**
     * All contacts that carry this address, main or additional. Additional addresses cannot be searched
     * for: the duplicate look-up is the second opinion, and the free-text search is not exact enough.
     */
    async findContactsByEmail(email: string): Promise<{ asOf: Date; contacts: HighLevelContact[] }> {
      const wanted = email.trim().toLowerCase();
      if (wanted.length <= MAX_FILTER_TEXT) {
        const filters = [{ field: "email", operator: "eq", value: wanted }];
        const found = await searchContacts({ filters, pageLimit: 100 });
        const contacts = found.contacts.filter((contact) => hasEmail(contact, wanted));
        if (contacts.length > 0) return { asOf: found.asOf, contacts };
      }
      const { data, asOf } = await get({
        endpoint: "/contacts/search/duplicate",
        path: "/contacts/search/duplicate",
        query: { locationId, email: wanted },
        headers: REST,
        schema: duplicateReplySchema,
      });
      return { asOf, contacts: data.contact && hasEmail(data.contact, wanted) ? [data.contact] : [] };
    },
  };
}

function readRows<T>(endpoint: string, values: unknown[], schema: z.ZodType<T>): ParsedRows<T> {
  const page = parseRows(values, schema, (row) => row.id);
  if (!isForeignPage(page)) return page;
  throw new ProviderError("highlevel", "unexpected", `${endpoint} has rows in a form that is not known.`, {
    details: { reason: "schema", faults: page.rejected[0]?.faults },
  });
}

/** Read from the raw last row, so that a rejected one does not end the walk. */
function readCursor(contacts: unknown[]): SearchCursor | null {
  const last = contactSchema.pick({ searchAfter: true }).safeParse(contacts.at(-1));
  return last.data?.searchAfter ?? null;
}
