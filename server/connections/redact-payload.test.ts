import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { redactPayload } from "./redact-payload.ts";

const delivery = JSON.parse(
  readFileSync(
    new URL("../providers/calendly/fixtures/delivery-invitee-created.json", import.meta.url),
    "utf8",
  ),
);

test("shows what happened and when, and hides who", () => {
  const shown = redactPayload(delivery) as typeof delivery;
  expect(shown.event).toBe("invitee.created");
  expect(shown.payload.uri).toBe(delivery.payload.uri);
  expect(shown.payload.scheduled_event.start_time).toBe(delivery.payload.scheduled_event.start_time);
  const text = JSON.stringify(shown);
  for (const secret of [delivery.payload.email, delivery.payload.name, delivery.payload.cancel_url]) {
    expect(secret).toBeTruthy();
    expect(text).not.toContain(secret);
  }
});

test("a field that nobody has heard of is hidden, however deep", () => {
  expect(redactPayload({ payload: { extra: [{ passport: "X1", status: "active" }] } })).toEqual({
    payload: { extra: [{ passport: "hidden", status: "active" }] },
  });
});

test.each(["workflow", "appointment-update", "contact-update"])(
  "of HighLevel's %s too, names, addresses and custom fields stay closed",
  (name) => {
    const file = new URL(`../providers/highlevel/fixtures/delivery-${name}.json`, import.meta.url);
    const body = JSON.parse(readFileSync(file, "utf8"));
    const text = JSON.stringify(redactPayload(body));
    for (const secret of ["Maya", "Okafor", "ridgeline", "+1312", "meet.example", "Dana", '"42"', "lead,"]) {
      expect(text).not.toContain(secret);
    }
    expect(text).toContain(body.calendar?.appointmentId ?? body.appointment?.id ?? body.id);
  },
);
