import { expect, test } from "vitest";
import { lastSegment, readInviteeUri, toInviteeUri, toUri } from "./uri.ts";

test.each([
  ["https://api.calendly.com/users/AAAABBBBCCCCDDDD", "AAAABBBBCCCCDDDD"],
  ["http://127.0.0.1:4010/calendly/users/AAAABBBBCCCCDDDD/", "AAAABBBBCCCCDDDD"],
  ["https://api.calendly.com/scheduled_events/e-1/invitees/i-1?x=1#y", "i-1"],
  ["6d3f5a1e-2b0c-4c7e-9a55-0e6f1c2b7a10", "6d3f5a1e-2b0c-4c7e-9a55-0e6f1c2b7a10"],
  ["", ""],
])("the id in %j is %j", (uri, id) => {
  expect(lastSegment(uri)).toBe(id);
});

test("a reference names the provider's own host, wherever the URI came from", () => {
  expect(toUri("organizations", "http://127.0.0.1:4010/calendly/organizations/O1")).toBe(
    "https://api.calendly.com/organizations/O1",
  );
});

test("an invitee's URI holds both ids, there and back", () => {
  expect(readInviteeUri(toInviteeUri("e-1", "i-1"))).toEqual({ eventId: "e-1", inviteeId: "i-1" });
  expect(readInviteeUri("https://api.calendly.com/invitees/i-1")).toEqual({
    eventId: null,
    inviteeId: "i-1",
  });
});
