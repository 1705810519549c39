import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { computeDeliveryKey, mapDelivery, parseDelivery } from "./webhook-payload.ts";

function readDelivery(name: string) {
  return JSON.parse(readFileSync(new URL(`fixtures/delivery-${name}.json`, import.meta.url), "utf8"));
}

function parseInvitee(body: unknown) {
  const delivery = parseDelivery(body);
  if (delivery.kind !== "invitee") throw new Error(`read as ${delivery.kind}`);
  return delivery;
}

test.each([
  ["invitee-created", { status: "confirmed", asOf: new Date("2026-11-18T09:12:46Z") }],
  [
    "invitee-canceled-by-reschedule",
    {
      status: "rescheduled",
      rescheduledToId: "c9a05b13-6f7e-4e02-9b7c-2d8a41f63302",
      rescheduledToEventId: "0b7c1d9a-88f4-4a61-b1f3-5ce2a7d90e22",
    },
  ],
  ["no-show-deleted", { status: "confirmed", noShowAt: null }],
])("%s counts as a reading at the delivery's own time", (name, expected) => {
  expect(mapDelivery(parseInvitee(readDelivery(name)))).toMatchObject(expected);
});

test("repeats of one delivery share a key, other events and people do not", () => {
  const created = readDelivery("invitee-created");
  const key = computeDeliveryKey(parseInvitee(created));
  expect(computeDeliveryKey(parseInvitee(structuredClone(created)))).toBe(key);

  const other = structuredClone(created);
  other.payload.uri = `${created.payload.event}/invitees/somebody-else`;
  const later = structuredClone(created);
  later.payload.updated_at = "2026-11-19T00:00:00.000000Z";
  const canceled = { ...created, event: "invitee.canceled" };
  for (const body of [other, later, canceled]) {
    expect(computeDeliveryKey(parseInvitee(body))).not.toBe(key);
  }
});

test("a no-show mark that is taken back twice is two deliveries", () => {
  const first = readDelivery("no-show-deleted");
  const second = { ...first, created_at: "2026-11-20T10:00:00.000000Z" };
  const [one, repeat, two] = [first, structuredClone(first), second].map((body) =>
    computeDeliveryKey(parseInvitee(body)),
  );
  expect(repeat).toBe(one);
  expect(two).not.toBe(one);
});

test("an event that is not ours is named, not refused", () => {
  expect(
    parseDelivery({ ...readDelivery("invitee-created"), event: "contact.created", payload: {} }),
  ).toEqual({
    kind: "other",
    event: "contact.created",
    createdAt: new Date("2026-11-18T09:12:46Z"),
  });
});

test.each([
  ["nothing", undefined],
  ["a text", "hello"],
  ["no payload", { event: "invitee.created", created_at: "2026-11-18T09:12:46Z" }],
  ["the event object one level too high", { ...readDelivery("invitee-created"), payload: { uri: "x" } }],
])("says where %s is unreadable, without its values", (_sentence, body) => {
  const delivery = parseDelivery(body);
  expect(delivery.kind).toBe("unreadable");
  expect(JSON.stringify(delivery)).not.toMatch(/jonas|hello/i);
});
