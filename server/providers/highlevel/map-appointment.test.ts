import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hasUncertainTime, mapEvent } from "./map-appointment.ts";
import { mapContact } from "./map-contact.ts";
import {
  appointmentReplySchema,
  calendarSchema,
  contactReplySchema,
  contactSchema,
  eventSchema,
  type HighLevelEvent,
  locationReplySchema,
  userSchema,
} from "./schema.ts";

const ASOF = new Date("2026-11-26T00:00:00Z");
const TIMEZONE = "America/New_York";

function readFixture(name: string) {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8"));
}

function readEvent(name = "appointment-by-id"): HighLevelEvent {
  return appointmentReplySchema.parse(readFixture(name)).event;
}

function map(changes: Partial<HighLevelEvent>) {
  return mapEvent({ ...readEvent(), ...changes }, { timezone: TIMEZONE, asOf: ASOF });
}

function mapWord(word: string | null) {
  return map({ appointmentStatus: word, appoinmentStatus: null, status: null });
}

describe("R4: what HighLevel's words mean", () => {
  test.each([
    ["cancelled", "canceled"],
    ["canceled", "canceled"],
    ["confirmed", "confirmed"],
    ["booked", "confirmed"],
    ["active", "confirmed"],
    ["new", "confirmed"],
    ["pending", "confirmed"],
    ["showed", "showed"],
    ["completed", "confirmed"],
    ["noshow", "no_show"],
    ["No-Show", "no_show"],
    ["no_show", "no_show"],
    ["noShow", "no_show"],
    [" NO SHOW ", "no_show"],
    ["Confirmed", "confirmed"],
  ])("%s is %s", (word, status) => {
    expect(mapWord(word)).toMatchObject({
      status,
      providerStatus: word,
      unrecognised: false,
      cancelReason: null,
    });
  });

  test("invalid is canceled, and says why", () => {
    expect(mapWord("invalid")).toMatchObject({ status: "canceled", cancelReason: "invalid" });
  });

  test.each(["rescheduled", "constructor", "toString", "__proto__"])(
    "%s is unknown: confirmed and kept",
    (word) => {
      expect(mapWord(word)).toMatchObject({ status: "confirmed", providerStatus: word, unrecognised: true });
    },
  );

  test("no word at all counts as an existing booking that nobody described", () => {
    expect(mapWord(null)).toMatchObject({ status: "confirmed", providerStatus: "", unrecognised: true });
  });

  test("case, spaces, underscores and hyphens never change the meaning", () => {
    const words = fc.constantFrom("cancelled", "confirmed", "showed", "noshow", "invalid", "whatever");
    const noise = fc.array(fc.constantFrom(" ", "_", "-", ""), { minLength: 9, maxLength: 9 });
    fc.assert(
      fc.property(words, noise, fc.boolean(), (word, gaps, isUpper) => {
        const spelled = [...(isUpper ? word.toUpperCase() : word)]
          .map((letter, i) => letter + (gaps[i] ?? ""))
          .join("");
        const { status, unrecognised } = mapWord(spelled);
        expect({ status, unrecognised }).toEqual({
          status: mapWord(word).status,
          unrecognised: word === "whatever",
        });
      }),
    );
  });

  test("deleted comes before the status, which deletion leaves as it was", () => {
    expect(mapEvent(readEvent("appointment-deleted"), { timezone: TIMEZONE, asOf: ASOF })).toMatchObject({
      status: "canceled",
      providerStatus: "confirmed",
      cancelReason: "deleted",
      canceledAt: null,
    });
    expect(map({ deleted: true, appointmentStatus: "showed" })).toMatchObject({ status: "canceled" });
  });

  test("the right spelling of the field wins, then the wrong one, then the plain one", () => {
    const three = { appointmentStatus: "showed", appoinmentStatus: "noshow", status: "booked" };
    expect(map(three).status).toBe("showed");
    expect(map({ ...three, appointmentStatus: null }).status).toBe("no_show");
    expect(map({ ...three, appointmentStatus: "", appoinmentStatus: undefined }).status).toBe("confirmed");
  });
});

describe("what is read besides the status", () => {
  test("everything about an ordinary appointment", () => {
    const { contact } = contactReplySchema.parse(readFixture("contact-by-id"));
    const users = new Map([["6gxzZ0d1kQeVt1s9Uq2A", { email: "sam.host@acme.example", name: "Sam Host" }]]);
    const context = { timezone: TIMEZONE, asOf: ASOF, contact: mapContact(contact), users };
    expect(mapEvent(readEvent(), context)).toEqual({
      provider: "highlevel",
      providerId: "0TkCdp9PfvLeWKYRRvIz",
      eventId: "0TkCdp9PfvLeWKYRRvIz",
      calendarId: "BqTwX8QFwXzpegMve9EQ",
      title: "Strategy call",
      status: "confirmed",
      providerStatus: "confirmed",
      unrecognised: false,
      startAt: new Date("2026-11-25T15:00:00Z"),
      endAt: new Date("2026-11-25T15:45:00Z"),
      canceledAt: null,
      canceledBy: null,
      canceledByType: null,
      cancelReason: null,
      rescheduledFromId: null,
      rescheduledToId: null,
      rescheduledToEventId: null,
      noShowAt: null,
      attendeeEmail: "mira.lead@example.com",
      attendeeName: "Mira Lead",
      attendeePhone: "+14155550123",
      attendeeTimezone: "America/New_York",
      contactId: "ocQHyuzHvysMo5N5VsXc",
      organizerEmail: "sam.host@acme.example",
      tracking: null,
      organizerName: "Sam Host",
      providerCreatedAt: new Date("2026-11-17T20:11:09.000Z"),
      providerUpdatedAt: new Date("2026-11-19T08:02:55.000Z"),
      asOf: ASOF,
    });
  });

  test("a cancellation is dated by the last change (R19)", () => {
    expect(map({ appointmentStatus: "cancelled" }).canceledAt).toEqual(new Date("2026-11-19T08:02:55.000Z"));
    expect(map({ appointmentStatus: "cancelled", dateUpdated: null }).canceledAt).toBeNull();
    expect(map({ appointmentStatus: "showed" }).canceledAt).toBeNull();
  });

  test("both spellings of the times are the same instants", () => {
    const listed = eventSchema.parse(readFixture("contact-appointments").events[0]);
    const byId = readEvent();
    expect(listed.startTime).not.toBe(byId.startTime);
    const [a, b] = [listed, byId].map((event) => mapEvent(event, { timezone: TIMEZONE, asOf: ASOF }));
    expect([a?.startAt, a?.endAt]).toEqual([b?.startAt, b?.endAt]);
  });

  test("says when a wall time is only a guess", () => {
    const event = readEvent();
    expect(hasUncertainTime({ ...event, startTime: "2026-11-01 01:30:00" }, TIMEZONE)).toBe(true);
    expect(hasUncertainTime({ ...event, startTime: "2026-11-01T01:30:00-05:00" }, TIMEZONE)).toBe(false);
    expect(hasUncertainTime({ ...event, dateUpdated: "2026-11-01 01:30:00" }, TIMEZONE)).toBe(true);
    expect(hasUncertainTime({ ...event, dateAdded: null, dateUpdated: "some day" }, TIMEZONE)).toBe(false);
  });

  test.each([
    ["the assignee when nobody else is named", { assignedUserId: "a", users: [] }, "A"],
    ["the assignee when they are among the users", { assignedUserId: "a", users: ["b", "a"] }, "A"],
    ["the first user when the assignee is not among them", { assignedUserId: "a", users: ["b"] }, "B"],
    ["the first user when nobody is assigned", { assignedUserId: null, users: ["b"] }, "B"],
    ["nobody when nobody is known", { assignedUserId: null, users: null }, null],
  ])("the organizer is %s", (_sentence, changes, organizerName) => {
    const users = new Map(
      ["a", "b"].map((id) => [id, { email: `${id}@acme.example`, name: id.toUpperCase() }]),
    );
    const reading = mapEvent({ ...readEvent(), ...changes }, { timezone: TIMEZONE, asOf: ASOF, users });
    expect(reading.organizerName).toBe(organizerName);
  });
});

describe("what arrives in other forms", () => {
  test("by-id replies come in the documented wrapper or in the real one", () => {
    expect(readEvent("appointment-documented").id).toBe(readEvent("appointment-by-id").id);
  });

  test("the misspelled status alone is enough", () => {
    const event = readEvent("appointment-misspelled-only");
    expect(mapEvent(event, { timezone: TIMEZONE, asOf: ASOF }).status).toBe("no_show");
  });

  test("events without group, assignee, users and contact are read", () => {
    const events = readFixture("events").events.map((event: unknown) => eventSchema.parse(event));
    const context = { timezone: TIMEZONE, asOf: ASOF };
    expect(events.map((event: HighLevelEvent) => mapEvent(event, context).status)).toEqual([
      "confirmed",
      "canceled",
    ]);
    expect(mapEvent(events[1], context).contactId).toBeNull();
  });

  test("calendars with an empty object for opening hours, users and locations are read", () => {
    for (const calendar of readFixture("calendars").calendars) calendarSchema.parse(calendar);
    for (const user of readFixture("users").users) userSchema.parse(user);
    expect(locationReplySchema.parse(readFixture("location")).location.timezone).toBe(TIMEZONE);
  });

  test("a location in an unknown zone is not understood", () => {
    const reply = readFixture("location");
    reply.location.timezone = "Mars/Olympus";
    expect(locationReplySchema.safeParse(reply).success).toBe(false);
  });

  test.each(["tomorrow", "2026-02-30 10:00:00", "1764082800000", ""])(
    "an event that starts %j is refused",
    (time) => {
      expect(eventSchema.safeParse({ ...readEvent(), startTime: time }).success).toBe(false);
    },
  );

  test("additional addresses come as objects or texts, in any case", () => {
    const [byId, searched] = [
      contactReplySchema.parse(readFixture("contact-by-id")).contact,
      contactSchema.parse(readFixture("contact-search").contacts[0]),
    ].map(mapContact);
    expect(byId?.additionalEmails).toEqual(["m.lead@work.example"]);
    expect(searched?.additionalEmails).toEqual(byId?.additionalEmails);
    expect(searched?.email).toBe(byId?.email);
    expect(searched?.name).toBe("mira lead");
  });
});
