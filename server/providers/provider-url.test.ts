import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { joinProviderUrl, path } from "./provider-url.ts";

describe("joining a path onto the configured base", () => {
  test.each([
    ["a bare origin", "https://api.calendly.com", "https://api.calendly.com/users/me"],
    ["a trailing slash", "https://api.calendly.com/", "https://api.calendly.com/users/me"],
    ["a prefix", "http://127.0.0.1:4010/calendly", "http://127.0.0.1:4010/calendly/users/me"],
    [
      "a prefix with a trailing slash",
      "http://127.0.0.1:4010/calendly/",
      "http://127.0.0.1:4010/calendly/users/me",
    ],
  ])("%s", (_sentence, base, expected) => {
    expect(joinProviderUrl(base, "/users/me").href).toBe(expected);
  });

  test("keeps a trailing slash that the provider documents", () => {
    expect(joinProviderUrl("https://host/highlevel", "/calendars/").pathname).toBe("/highlevel/calendars/");
  });

  test("encodes values, a plus sign too, and leaves absent ones out", () => {
    const url = joinProviderUrl("https://host", "/x", { email: "a+b@c.example", page: undefined, n: 5 });
    expect(url.search).toBe("?email=a%2Bb%40c.example&n=5");
  });

  test.each([
    ["a parent", "/a/../../secrets"],
    ["an encoded parent", "/a/%2e%2e/x"],
    ["another host", "https://evil.example/x"],
    ["a backslash", "/\\evil.example"],
    ["nothing", ""],
  ])("refuses a path that leaves it: %s", (_sentence, wrong) => {
    expect(() => joinProviderUrl("https://host/calendly", wrong)).toThrow(/base/);
  });

  test("no id, whatever it holds, leads elsewhere", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (id) => {
        let url: URL;
        try {
          url = joinProviderUrl("https://host/calendly", path`/users/${id}/x`);
        } catch {
          return; // refused: nothing is sent
        }
        expect(url.origin).toBe("https://host");
        expect(url.pathname).toMatch(/^\/calendly\/users\/[^/]+\/x$/);
      }),
    );
  });
});
