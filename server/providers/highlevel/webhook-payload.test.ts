import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { mapSnapshot, parseMarketplaceDelivery, parseWorkflowDelivery } from "./webhook-payload.ts";

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`./fixtures/delivery-${name}.json`, import.meta.url), "utf8"));
const update = read("appointment-update");
const contact = read("contact-update");
const workflow = read("workflow");

const APPOINTMENT = "ocQHyuzHvysMo5N5VsXc";
const LOCATION = "0007BWpSzSwfiuSl0tR2";
const SENT_AT = new Date("2026-11-20T10:00:00Z");

describe("a marketplace delivery", () => {
  test("names its location, its own id, when it was sent, and the appointment", () => {
    expect(parseMarketplaceDelivery(update)).toMatchObject({
      type: "AppointmentUpdate",
      locationId: LOCATION,
      webhookId: "4b1a1c1e-6f0b-4f1e-9d1a-000000000001",
      sentAt: SENT_AT,
      about: {
        kind: "appointment",
        id: APPOINTMENT,
        isDeleted: false,
        event: { appointmentStatus: "cancelled" },
      },
    });
  });

  test("may keep all of it under data", () => {
    const { type, ...data } = update;
    expect(parseMarketplaceDelivery({ type, data })).toEqual(parseMarketplaceDelivery(update));
    const { appointment, ...envelope } = update;
    expect(parseMarketplaceDelivery({ ...envelope, data: appointment })).toMatchObject({
      locationId: LOCATION,
      about: { kind: "appointment", id: APPOINTMENT },
    });
  });

  test("a deletion keeps its last word, so the type decides", () => {
    const { about } = parseMarketplaceDelivery({ ...update, type: "AppointmentDelete" }) ?? {};
    expect(about).toMatchObject({ isDeleted: true, event: { deleted: true } });
  });

  test("a snapshot that cannot be read is still a reason to look", () => {
    const appointment = { id: APPOINTMENT, startTime: "soon" };
    expect(parseMarketplaceDelivery({ ...update, appointment })?.about).toEqual({
      kind: "appointment",
      id: APPOINTMENT,
      isDeleted: false,
      event: null,
    });
  });

  test.each(["ContactCreate", "ContactUpdate", "ContactDelete"])("%s names a contact", (type) => {
    expect(parseMarketplaceDelivery({ ...contact, type })?.about).toEqual({
      kind: "contact",
      id: "9VEmS0si86GW6gXWU89b",
    });
  });

  test.each([
    "ContactTagUpdate",
    "ContactDndUpdate",
    "InboundMessage",
    "INSTALL",
    "UNINSTALL",
    "SomethingNew",
  ])("%s is nothing to follow", (type) => {
    expect(parseMarketplaceDelivery({ ...contact, type })?.about).toEqual({ kind: "other" });
  });

  test.each<[string, unknown]>([
    ["no id", { ...update, appointment: {} }],
    ["an id that is a path", { ...update, appointment: { ...update.appointment, id: "../contacts/1" } }],
    ["an id with a colon", { ...contact, id: "a:b" }],
  ])("with %s it is unreadable", (_sentence, body) => {
    expect(parseMarketplaceDelivery(body)?.about).toEqual({ kind: "unreadable" });
  });

  test.each<[unknown]>([[null], ["text"], [[]], [{}], [{ type: 7 }]])("%j is no event at all", (body) => {
    expect(parseMarketplaceDelivery(body)).toBeNull();
  });
});

describe("the signed snapshot", () => {
  const context = { timezone: "America/Chicago", contact: null };
  const map = (body: unknown) => {
    const delivery = parseMarketplaceDelivery(body);
    return delivery && mapSnapshot(delivery, context);
  };

  test("is true at the time it was sent", () => {
    expect(map(update)).toMatchObject({
      providerId: APPOINTMENT,
      status: "canceled",
      startAt: new Date("2026-11-25T16:00:00Z"),
      asOf: SENT_AT,
    });
  });

  test("of a deletion is a cancellation with its reason", () => {
    const appointment = { ...update.appointment, appointmentStatus: "confirmed" };
    expect(map({ ...update, type: "AppointmentDelete", appointment })).toMatchObject({
      status: "canceled",
      cancelReason: "deleted",
    });
  });

  test("without a time of its own is none", () => {
    expect(map({ ...update, timestamp: undefined })).toBeNull();
    expect(map(contact)).toBeNull();
  });
});

describe("a workflow's delivery", () => {
  test("in the standard form names the appointment in its calendar block, not the calendar", () => {
    expect(parseWorkflowDelivery(workflow)).toEqual({
      locationId: LOCATION,
      appointmentId: APPOINTMENT,
      status: "cancelled",
      startTime: "2026-11-25T10:00:00",
    });
  });

  const mapped = { appointmentId: APPOINTMENT, status: "confirmed", startTime: "2026-11-25T10:00:00" };
  test.each<[string, unknown]>([
    ["at the root", mapped],
    ["among the custom values", { customData: mapped, contact_id: "c1" }],
    ["in snake case", { ...mapped, appointmentId: undefined, appointment_id: APPOINTMENT }],
  ])("in our own mapping %s names it too", (_sentence, body) => {
    expect(parseWorkflowDelivery(body)).toEqual({ ...mapped, locationId: null });
  });

  test.each<[string, unknown]>([
    ["started by a contact", { ...workflow, calendar: undefined }],
    ["whose mapping was left empty", { appointmentId: "" }],
    ["whose id is no id", { appointmentId: "{{appointment.id}}" }],
  ])("%s names none", (_sentence, body) => {
    expect(parseWorkflowDelivery(body)).toMatchObject({ appointmentId: null });
  });

  test("that is no object is none", () => {
    expect(parseWorkflowDelivery([])).toBeNull();
    expect(parseWorkflowDelivery("text")).toBeNull();
  });
});
