import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseDelivery } from "#server/providers/calendly/webhook-payload.ts";
import { type DeliveryFacts, decideDelivery } from "./decide-delivery.ts";

const booked = JSON.parse(
  readFileSync(
    new URL("../providers/calendly/fixtures/delivery-invitee-created.json", import.meta.url),
    "utf8",
  ),
);

function decide(changes: Partial<DeliveryFacts> = {}) {
  return decideDelivery({
    signature: { verdict: "valid", keyIndex: 0 },
    delivery: parseDelivery(booked),
    bodyHash: "h1",
    organization: { connected: "ORG1", named: null },
    ...changes,
  });
}

const refused = (reason: "wrong" | "missing" | "stale" | "no_key") =>
  ({ verdict: "refused", reason }) as const;

describe("R34: who is believed", () => {
  test("a fresh delivery is work, keyed by its invitee", () => {
    const decision = decide();
    expect(decision).toMatchObject({ outcome: "accept", eventType: "invitee.created", isLate: false });
    expect(decision.outcome === "accept" && decision.dedupeKey).toContain(
      decision.outcome === "accept" ? `:${decision.subject}:` : "",
    );
  });

  test("a late one is a trigger only", () => {
    expect(decide({ signature: { verdict: "late", keyIndex: 1 } })).toMatchObject({
      outcome: "accept",
      isLate: true,
    });
  });

  test.each(["wrong", "missing", "stale", "no_key"] as const)("%s is refused, whatever it says", (reason) => {
    expect(decide({ signature: refused(reason) })).toEqual({ outcome: "refuse", reason });
  });

  test("a right signature over another organization's event is refused", () => {
    expect(decide({ organization: { connected: "ORG1", named: "ORG2" } })).toEqual({
      outcome: "refuse",
      reason: "foreign_organization",
    });
    expect(decide({ organization: { connected: "ORG1", named: "ORG1" } }).outcome).toBe("accept");
  });
});

describe("R36: genuine, and nothing follows", () => {
  test("an event that nobody asked for is kept as ignored, with its name", () => {
    const delivery = parseDelivery({ ...booked, event: "routing_form_submission.created" });
    expect(decide({ delivery })).toEqual({
      outcome: "keep",
      result: "ignored",
      reason: "unknown_event",
      eventType: "routing_form_submission.created",
      dedupeKey: "body:h1",
    });
  });

  test("a body that is no JSON is kept as failed: a repeat would be the same bytes", () => {
    expect(decide({ delivery: null })).toMatchObject({
      outcome: "keep",
      result: "failed",
      reason: "malformed",
    });
  });

  test("a payload in an unknown form is kept as failed", () => {
    const delivery = parseDelivery({ ...booked, payload: { uri: 7 } });
    expect(decide({ delivery })).toMatchObject({ outcome: "keep", result: "failed", reason: "unreadable" });
  });
});

test("two people in one group event are two deliveries", () => {
  const other = structuredClone(booked);
  other.payload.uri = `${booked.payload.uri}-2`;
  const first = decide();
  const second = decide({ delivery: parseDelivery(other) });
  expect(first.outcome === "accept" && first.dedupeKey).not.toBe(
    second.outcome === "accept" && second.dedupeKey,
  );
});
