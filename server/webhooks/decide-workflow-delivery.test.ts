import { expect, test } from "vitest";
import type { WorkflowDelivery } from "#server/providers/highlevel/webhook-payload.ts";
import { decideWorkflowDelivery } from "./decide-workflow-delivery.ts";

const named: WorkflowDelivery = {
  locationId: "L1",
  appointmentId: "A1",
  status: "cancelled",
  startTime: "2026-11-25T10:00:00",
};
const decide = (changes: Partial<WorkflowDelivery> = {}, connected: string | null = "L1") =>
  decideWorkflowDelivery({ ...named, ...changes }, "h1", connected);

test("what names an appointment is work, known by what it says", () => {
  expect(decide()).toEqual({
    outcome: "accept",
    eventType: "workflow.appointment",
    dedupeKey: "workflow.appointment:A1:cancelled:2026-11-25T10:00:00:h1",
    subject: "A1",
    isLate: false,
  });
});

test.each<[string, Partial<WorkflowDelivery>]>([
  ["status", { status: "confirmed" }],
  ["start", { startTime: "2026-11-25T11:00:00" }],
  ["appointment", { appointmentId: "A2" }],
])("another %s is another delivery", (_sentence, changes) => {
  const [one, other] = [decide(), decide(changes)];
  expect(one.outcome === "accept" && one.dedupeKey).not.toBe(other.outcome === "accept" && other.dedupeKey);
});

test.each<[string, Partial<WorkflowDelivery>, string | null, string]>([
  ["another location than the connected one", { locationId: "L2" }, "L1", "refuse"],
  ["a location where none is known to be connected", {}, null, "refuse"],
  ["no location, as our own mapping may", { locationId: null }, "L1", "accept"],
  ["no appointment", { appointmentId: null }, "L1", "keep"],
])("naming %s", (_sentence, changes, connected, outcome) => {
  expect(decide(changes, connected).outcome).toBe(outcome);
});

test("what is no JSON has failed, and a repeat would be the same bytes", () => {
  expect(decideWorkflowDelivery(null, "h1", "L1")).toMatchObject({
    outcome: "keep",
    result: "failed",
    reason: "malformed",
    dedupeKey: "body:h1",
  });
});
