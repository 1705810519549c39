import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mapInvitee } from "./map-appointment.ts";
import { mapEvent } from "./map-event.ts";
import { eventSchema, inviteeSchema } from "./schema.ts";

const FOLDER = new URL("fixtures/", import.meta.url);
const ASOF = new Date("2026-11-26T00:00:00Z");

function readCase(name: string) {
  const { event, invitee } = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), "utf8"));
  return { event: eventSchema.parse(event), invitee: inviteeSchema.parse(invitee) };
}

function map(name: string, changes: { event?: object; invitee?: object } = {}) {
  const { event, invitee } = readCase(name);
  return mapInvitee({ ...event, ...changes.event }, { ...invitee, ...changes.invitee }, ASOF);
}

describe("R3: what Calendly's words mean", () => {
  test.each([
    ["both active is confirmed", "active", {}, { status: "confirmed", providerStatus: "active" }],
    ["a host's cancellation is canceled", "canceled-by-host", {}, { status: "canceled" }],
    ["one canceled seat of a group is canceled", "group-seat-canceled", {}, { status: "canceled" }],
    [
      "an active seat of a canceled group event is canceled, in the event's word",
      "group-event-canceled",
      {},
      { status: "canceled", providerStatus: "canceled" },
    ],
    [
      "the old link of a chain is rescheduled, not canceled",
      "rescheduled-old",
      {},
      { status: "rescheduled" },
    ],
    ["the new link of a chain is confirmed", "rescheduled-new", {}, { status: "confirmed" }],
    ["a no-show mark is no_show", "no-show", {}, { status: "no_show" }],
    [
      "a removed no-show mark restores confirmed",
      "no-show",
      { invitee: { no_show: null } },
      { status: "confirmed" },
    ],
    [
      "canceled outranks a no-show mark",
      "no-show",
      { invitee: { status: "canceled" } },
      { status: "canceled", noShowAt: null },
    ],
    [
      "rescheduled outranks everything",
      "no-show",
      { invitee: { rescheduled: true, status: "canceled" } },
      { status: "rescheduled" },
    ],
    [
      "the other spelling is canceled too",
      "active",
      { invitee: { status: "Cancelled" } },
      { status: "canceled" },
    ],
    [
      "an unknown word counts as confirmed and is kept",
      "unknown-word",
      {},
      { status: "confirmed", providerStatus: "tentative", unrecognised: true },
    ],
    [
      "an unknown word of the event is kept as well",
      "active",
      { event: { status: "held" } },
      { status: "confirmed", providerStatus: "held", unrecognised: true },
    ],
    [
      "an unknown word beside a no-show mark stays a no-show",
      "no-show",
      { invitee: { status: "tentative" } },
      { status: "no_show", unrecognised: false },
    ],
  ])("%s", (_sentence, name, changes, expected) => {
    expect(map(name, changes)).toMatchObject({ unrecognised: false, ...expected });
  });

  test("no word outside the list is ever lost or read as a cancellation", () => {
    const word = fc.string().filter((text) => !/^\s*(active|cancell?ed)\s*$/i.test(text));
    fc.assert(
      fc.property(word, (status) => {
        expect(map("active", { invitee: { status } })).toMatchObject({
          status: "confirmed",
          providerStatus: status,
          unrecognised: true,
        });
      }),
    );
  });
});

describe("what is read besides the status", () => {
  test("an address without the blanks that somebody typed around it (R8)", () => {
    const reading = map("active", { invitee: { email: " Jonas.Muster@Lead.example " } });
    expect(reading.attendeeEmail).toBe("Jonas.Muster@Lead.example");
  });

  test("everything about an ordinary booking", () => {
    expect(map("active")).toEqual({
      provider: "calendly",
      providerId: "a41c9e72-5f0d-4b8a-8d36-71b2c9e4f001",
      eventId: "6d3f5a1e-2b0c-4c7e-9a55-0e6f1c2b7a10",
      calendarId: "GBGBDCAADAEDCRZ2",
      title: "Discovery call",
      status: "confirmed",
      providerStatus: "active",
      unrecognised: false,
      startAt: new Date("2026-11-25T15:00:00Z"),
      endAt: new Date("2026-11-25T15:30:00Z"),
      canceledAt: null,
      canceledBy: null,
      canceledByType: null,
      cancelReason: null,
      rescheduledFromId: null,
      rescheduledToId: null,
      rescheduledToEventId: null,
      noShowAt: null,
      attendeeEmail: "Jonas.Muster@Lead.example",
      attendeeName: "Jonas Muster",
      attendeePhone: "+49 151 00000001",
      attendeeTimezone: "Asia/Calcutta",
      contactId: null,
      organizerEmail: "petra.host@acme.example",
      organizerName: "Petra Host",
      tracking: "newsletter",
      providerCreatedAt: new Date("2026-11-18T09:12:44.131Z"),
      providerUpdatedAt: new Date("2026-11-18T09:12:45.870Z"),
      asOf: ASOF,
    });
  });

  test("a cancellation without a text has no reason", () => {
    expect(map("canceled-by-host")).toMatchObject({
      canceledAt: new Date("2026-11-20T07:30:11.402Z"),
      canceledBy: "Petra Host",
      canceledByType: "host",
      cancelReason: null,
    });
  });

  test("an invitee without a cancellation of their own takes the event's", () => {
    expect(map("group-event-canceled")).toMatchObject({
      canceledAt: new Date("2026-11-20T07:30:11.402Z"),
      canceledByType: "host",
    });
  });

  test("an unexplained cancellation has no time rather than a guessed one", () => {
    expect(map("active", { invitee: { status: "canceled" } })).toMatchObject({ canceledAt: null });
  });

  test("both ends of a reschedule name each other (R16)", () => {
    const [before, after] = [map("rescheduled-old"), map("rescheduled-new")];
    expect(before).toMatchObject({ rescheduledToId: after.providerId, rescheduledToEventId: after.eventId });
    expect(before.rescheduledFromId).toBeNull();
    expect(after).toMatchObject({ rescheduledFromId: before.providerId, rescheduledToId: null });
  });

  test("a no-show says since when", () => {
    expect(map("no-show").noShowAt).toEqual(new Date("2026-11-25T16:05:00.120Z"));
  });

  test("what its link carried is kept as it is, each value once, and nothing that is no text", () => {
    const tracking = {
      utm_campaign: " Spring  24 ",
      utm_source: "cust-71",
      utm_medium: "cust-71",
      utm_content: "",
      utm_term: 7,
      salesforce_uuid: "x".repeat(201),
    };
    expect(map("active", { invitee: { tracking } }).tracking).toBe("Spring 24\ncust-71");
    expect(map("active", { invitee: { tracking: null } }).tracking).toBeNull();
  });

  test("old records with half the keys are read", () => {
    expect(map("old-and-sparse")).toMatchObject({
      providerId: "FAHFDCAADAEDCRZ5",
      eventId: "GAGBDCAADAEDCRZ4",
      attendeeName: "Jonas Muster",
      attendeeTimezone: null,
      organizerEmail: null,
      title: null,
    });
  });

  test("two people of one group event are two bookings (R13)", () => {
    const { event, invitee } = readCase("active");
    const other = { ...invitee, uri: `${event.uri}/invitees/another-person` };
    const ids = [invitee, other].map((one) => mapInvitee(event, one, ASOF).providerId);
    expect(new Set(ids).size).toBe(2);
  });
});

test("an event's summary tells what moved", () => {
  expect(mapEvent(readCase("group-event-canceled").event)).toEqual({
    eventId: "6d3f5a1e-2b0c-4c7e-9a55-0e6f1c2b7a10",
    calendarId: "GBGBDCAADAEDCRZ2",
    isCanceled: true,
    startAt: new Date("2026-11-25T15:00:00Z"),
    endAt: new Date("2026-11-25T15:30:00Z"),
    updatedAt: new Date("2026-11-18T09:12:45.870Z"),
    totalInvitees: 3,
    activeInvitees: 0,
  });
});

test("every booking fixture fits the schema", () => {
  const names = readdirSync(FOLDER).filter((name) => !/^(delivery|page|user)-/.test(name));
  expect(names.length).toBeGreaterThan(8);
  for (const name of names) expect(() => readCase(name.replace(".json", ""))).not.toThrow();
});
