import { describe, expect, test } from "vitest";
import { addMs, DAY_MS, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import type { MarketplaceDelivery } from "#server/providers/highlevel/webhook-payload.ts";
import { decideMarketplaceDelivery } from "./decide-marketplace-delivery.ts";

const NOW = new Date("2026-11-20T10:00:00Z");
const appointment = { kind: "appointment", id: "A1", isDeleted: false, event: null } as const;

function decide(changes: Partial<MarketplaceDelivery> = {}, hash = "h1") {
  const delivery: MarketplaceDelivery = {
    type: "AppointmentUpdate",
    locationId: "L1",
    webhookId: "W1",
    sentAt: NOW,
    about: appointment,
    ...changes,
  };
  return decideMarketplaceDelivery(delivery, hash, NOW);
}

test("an appointment's event is work, keyed by its own id and in line by the appointment", () => {
  expect(decide()).toEqual({
    outcome: "accept",
    eventType: "AppointmentUpdate",
    dedupeKey: "AppointmentUpdate:A1:W1",
    subject: "A1",
    isLate: false,
  });
});

test("a contact stands in another line than an appointment of the same id", () => {
  expect(decide({ type: "ContactUpdate", about: { kind: "contact", id: "A1" } })).toMatchObject({
    subject: "contact-A1",
    dedupeKey: "ContactUpdate:contact-A1:W1",
  });
});

test("without an id of its own it is known by its bytes", () => {
  expect(decide({ webhookId: null }, "h2")).toMatchObject({ dedupeKey: "AppointmentUpdate:A1:h2" });
});

describe("its time", () => {
  test.each<[string, number | null, string, boolean | null]>([
    ["now", 0, "accept", false],
    ["five minutes ago", -5 * MINUTE_MS, "accept", false],
    ["six minutes ago: a retry", -6 * MINUTE_MS, "accept", true],
    ["an hour ahead: a wrong clock", HOUR_MS, "accept", true],
    ["three days ago", -3 * DAY_MS, "accept", true],
    ["longer ago than any retry", -3 * DAY_MS - 1_000, "refuse", null],
    ["not given: no snapshot will be made of it", null, "accept", false],
  ])("%s", (_sentence, byMs, outcome, isLate) => {
    const decision = decide({ sentAt: byMs === null ? null : addMs(NOW, byMs) });
    expect(decision.outcome).toBe(outcome);
    if (decision.outcome === "accept") expect(decision.isLate).toBe(isLate);
  });
});

describe("R36: genuine, and nothing follows", () => {
  test.each<[string, MarketplaceDelivery["about"], string, string]>([
    ["an event that nobody follows is ignored", { kind: "other" }, "ignored", "unknown_event"],
    ["one in an unknown form has failed", { kind: "unreadable" }, "failed", "unreadable"],
  ])("%s", (_sentence, about, result, reason) => {
    expect(decide({ about })).toEqual({
      outcome: "keep",
      result,
      reason,
      eventType: "AppointmentUpdate",
      dedupeKey: "body:W1",
    });
  });
});
