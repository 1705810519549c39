import { describe, expect, test } from "vitest";
import { addAcme, bookIntro, openSandbox } from "../testing/open-sandbox.ts";

const NOW = "2026-11-20T10:00:00Z";

describe("tokens", () => {
  test("names the person behind a token, in times of six fractional digits", async () => {
    const sandbox = await openSandbox({ now: NOW });
    const acme = await addAcme(sandbox);
    const { status, body } = await sandbox.calendly("GET", "/users/me", "ada-token");
    expect(status).toBe(200);
    expect(body.resource).toMatchObject({
      uri: acme.owner,
      email: "ada@acme.example",
      current_organization: acme.organization,
      resource_type: "User",
      created_at: "2026-11-20T10:00:00.000000Z",
    });
  });

  test.each([
    ["no token", undefined, "The access token is invalid"],
    ["an unknown token", "nobody", "The access token is invalid"],
  ])("refuses %s with 401", async (_case, token, message) => {
    const sandbox = await openSandbox();
    const { status, body } = await sandbox.calendly("GET", "/users/me", token);
    expect([status, body]).toEqual([401, { title: "Unauthenticated", message }]);
  });

  test("refuses a revoked token and takes it back when it is restored", async () => {
    const sandbox = await openSandbox();
    await addAcme(sandbox);
    await sandbox.control("POST", "/calendly/tokens/ada-token/revoke");
    expect((await sandbox.calendly("GET", "/users/me", "ada-token")).status).toBe(401);
    await sandbox.control("POST", "/calendly/tokens/ada-token/restore");
    expect((await sandbox.calendly("GET", "/users/me", "ada-token")).status).toBe(200);
  });

  test("names the scopes that a token lacks, and lets write stand for read", async () => {
    const sandbox = await openSandbox();
    const acme = await addAcme(sandbox);
    await sandbox.control("POST", "/calendly/tokens", {
      organization: "Acme",
      user: "ada@acme.example",
      token: "narrow",
      scopes: ["users:read", "scheduled_events:write"],
    });
    const refused = await sandbox.calendly("GET", `/event_types?organization=${acme.organization}`, "narrow");
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({
      title: "Insufficient scope",
      required_scopes: ["event_types:read"],
    });
    const listed = await sandbox.calendly(
      "GET",
      `/scheduled_events?organization=${acme.organization}`,
      "narrow",
    );
    expect(listed.status).toBe(200);
  });
});

describe("rate limits", () => {
  test("sends the three headers with every answer, refusals too", async () => {
    const sandbox = await openSandbox();
    for (const path of ["/users/me", "/nowhere"]) {
      const { headers } = await sandbox.calendly("GET", path, "nobody");
      expect(headers.get("x-ratelimit-limit")).toBe("500");
      expect(Number(headers.get("x-ratelimit-remaining"))).toBeLessThan(500);
      expect(headers.get("x-ratelimit-reset")).toBe("60");
    }
  });

  test("answers 429 without a body once the person's window is used up", async () => {
    const sandbox = await openSandbox();
    await addAcme(sandbox);
    await sandbox.control("POST", "/settings", { calendlyLimit: 2 });
    await sandbox.calendly("GET", "/users/me", "ada-token");
    await sandbox.calendly("GET", "/users/me", "ada-token");
    const refused = await sandbox.calendly("GET", "/users/me", "ada-token");
    expect([refused.status, refused.text, refused.headers.get("x-ratelimit-remaining")]).toEqual([
      429,
      "",
      "0",
    ]);
    expect((await sandbox.calendly("GET", "/users/me", "ben-token")).status).toBe(200);
    const calls = (await sandbox.control("GET", "/calls")).body;
    expect(calls.calendly).toMatchObject({ total: 4, refused: 1, families: { "GET /users/:id": 4 } });
    expect(calls.tokens["ada-token"]).toMatchObject({ calls: 3, most10s: 3, most60s: 3 });
  });
});

describe("who may list what", () => {
  test.each([
    ["the owner, the organization", "ada-token", "organization", 200, undefined],
    ["a member, the organization", "ben-token", "organization", 403, "You do not have permission"],
    ["a member, themselves", "ben-token", "user=member", 200, undefined],
    ["a member, themselves in the organization", "ben-token", "organization&user=member", 200, undefined],
    ["a member, somebody else", "ben-token", "organization&user=owner", 403, "You do not have permission"],
    [
      "the owner, somebody else alone",
      "ada-token",
      "user=member",
      403,
      "Please also specify organization when requesting events for a user within your organization.",
    ],
    [
      "anyone, a group alone",
      "ada-token",
      "group=x",
      403,
      "Please also specify organization when requesting events for a group within your organization.",
    ],
    ["anyone, nothing", "ada-token", "", 400, "The supplied parameters are invalid."],
  ])("%s", async (_case, token, query, status, message) => {
    const sandbox = await openSandbox();
    const acme = await addAcme(sandbox);
    const filled = query
      .replace("organization", `organization=${encodeURIComponent(acme.organization)}`)
      .replace("user=member", `user=${encodeURIComponent(acme.member)}`)
      .replace("user=owner", `user=${encodeURIComponent(acme.owner)}`);
    const answer = await sandbox.calendly("GET", `/scheduled_events?${filled}`, token);
    expect([answer.status, answer.body.message]).toEqual([status, message]);
  });

  test("refuses another organization, and another host's event to a member", async () => {
    const sandbox = await openSandbox();
    await addAcme(sandbox);
    const foreign = await sandbox.calendly(
      "GET",
      "/scheduled_events?organization=https://api.calendly.com/organizations/other",
      "ada-token",
    );
    expect(foreign.body).toEqual({
      title: "Permission Denied",
      message: "You do not have permission to access this resource.",
    });
    const { eventId } = await bookIntro(sandbox);
    const hidden = await sandbox.calendly("GET", `/scheduled_events/${eventId}`, "ben-token");
    expect([hidden.status, hidden.body.message]).toEqual([403, "You are not allowed to view this event"]);
  });
});

test("lists the members and event types of the organization", async () => {
  const sandbox = await openSandbox();
  const acme = await addAcme(sandbox);
  const members = await sandbox.calendly(
    "GET",
    `/organization_memberships?organization=${acme.organization}`,
    "ada-token",
  );
  expect(members.body.collection.map((row: { role: string }) => row.role)).toEqual(["owner", "user"]);
  expect(members.body.collection[0].user).not.toHaveProperty("current_organization");
  const types = await sandbox.calendly(
    "GET",
    `/event_types?organization=${acme.organization}&count=2`,
    "ada-token",
  );
  expect(types.body.collection.map((row: { name: string }) => row.name)).toEqual(["Ben's call", "Class"]);
  const rest = await sandbox.calendly(
    "GET",
    `/event_types?organization=${acme.organization}&count=2&page_token=${types.body.pagination.next_page_token}`,
    "ada-token",
  );
  expect(rest.body.collection.map((row: { name: string }) => row.name)).toEqual(["Intro"]);
  expect(rest.body.pagination.next_page).toBeNull();
});
