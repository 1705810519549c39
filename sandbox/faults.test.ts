import { describe, expect, test } from "vitest";
import { addAcme, bookIntro, type OpenSandbox, openSandbox } from "./testing/open-sandbox.ts";

async function openAcme() {
  const sandbox = await openSandbox();
  return { sandbox, acme: await addAcme(sandbox) };
}

async function addFault(sandbox: OpenSandbox, rule: Record<string, unknown>): Promise<string> {
  return (await sandbox.control("POST", "/faults", { provider: "calendly", ...rule })).body.id;
}

const me = (sandbox: OpenSandbox) => sandbox.calendly("GET", "/users/me", "ada-token");

describe("faults", () => {
  test("end by themselves after their times, and can let calls pass first", async () => {
    const { sandbox } = await openAcme();
    await addFault(sandbox, { kind: "status", status: 503, times: 2, skip: 1 });
    const statuses: number[] = [];
    for (let at = 0; at < 5; at += 1) statuses.push((await me(sandbox)).status);
    expect(statuses).toEqual([200, 503, 503, 200, 200]);
  });

  test("touch only the calls they match", async () => {
    const { sandbox, acme } = await openAcme();
    await addFault(sandbox, {
      kind: "status",
      status: 500,
      match: { method: "GET", path: "/scheduled_events" },
    });
    await addFault(sandbox, {
      kind: "status",
      status: 502,
      match: { path: "^/event_types$", token: "ben-token" },
    });
    expect((await me(sandbox)).status).toBe(200);
    const events = await sandbox.calendly(
      "GET",
      `/scheduled_events?organization=${acme.organization}`,
      "ada-token",
    );
    expect([events.status, events.body.title]).toEqual([500, "Internal Server Error"]);
    expect((await sandbox.calendly("GET", `/event_types?user=${acme.member}`, "ben-token")).status).toBe(502);
    expect((await sandbox.calendly("GET", `/event_types?user=${acme.owner}`, "ada-token")).status).toBe(200);
    await sandbox.control("DELETE", "/faults");
    expect((await sandbox.control("GET", "/faults")).body.faults).toEqual([]);
  });

  test("429 leaves nothing remaining, with an empty body or the one given", async () => {
    const { sandbox } = await openAcme();
    await addFault(sandbox, { kind: "429", times: 1 });
    const empty = await me(sandbox);
    expect([empty.status, empty.text, empty.headers.get("x-ratelimit-remaining")]).toEqual([429, "", "0"]);
    await addFault(sandbox, { kind: "429", times: 1, body: { message: "slow down" } });
    expect((await me(sandbox)).body).toEqual({ message: "slow down" });
  });

  test("429 tells when to come back in whatever header it is given", async () => {
    const { sandbox } = await openAcme();
    await addFault(sandbox, {
      kind: "429",
      times: 1,
      headers: { "Retry-After": "7", "X-RateLimit-Reset": "7000" },
    });
    const { headers } = await me(sandbox);
    expect([headers.get("retry-after"), headers.get("x-ratelimit-reset")]).toEqual(["7", "7000"]);
  });

  test("reset breaks the connection, timeout never answers, latency is felt", async () => {
    const { sandbox } = await openAcme();
    await addFault(sandbox, { kind: "reset", times: 1 });
    await expect(me(sandbox)).rejects.toThrow();
    await addFault(sandbox, { kind: "timeout", times: 1 });
    const hanging = fetch(`${sandbox.url}/calendly/users/me`, { signal: AbortSignal.timeout(50) });
    await expect(hanging).rejects.toThrow();
    await addFault(sandbox, { kind: "latency", latencyMs: 60, times: 1 });
    const startedAt = performance.now();
    expect((await me(sandbox)).status).toBe(200);
    expect(performance.now() - startedAt).toBeGreaterThan(55);
  });

  test("spoil bodies that say 200", async () => {
    const { sandbox } = await openAcme();
    const whole = (await me(sandbox)).text;
    await addFault(sandbox, { kind: "truncate", times: 1 });
    const cut = await me(sandbox);
    expect([cut.status, cut.body, cut.text]).toEqual([
      200,
      null,
      whole.slice(0, Math.floor(whole.length / 2)),
    ]);
    await addFault(sandbox, { kind: "html", times: 1 });
    expect((await me(sandbox)).headers.get("content-type")).toContain("text/html");
    await addFault(sandbox, { kind: "empty_body", times: 1 });
    expect(await me(sandbox)).toMatchObject({ status: 200, text: "" });
    await addFault(sandbox, { kind: "error_body_200", times: 1 });
    expect(await me(sandbox)).toMatchObject({ status: 200, body: { title: "Internal Server Error" } });
  });

  test("make lists lie", async () => {
    const { sandbox, acme } = await openAcme();
    for (let at = 1; at <= 8; at += 1) await bookIntro(sandbox, { start: `2026-12-0${at}T15:00:00Z` });
    const list = async (more = "") => {
      const path = `/scheduled_events?organization=${acme.organization}&count=4${more}`;
      return (await sandbox.calendly("GET", path, "ada-token")).body;
    };
    const honest = await list();
    const token = honest.pagination.next_page_token;
    await addFault(sandbox, { kind: "empty_list", times: 1 });
    expect(await list()).toMatchObject({ collection: [], pagination: { count: 0, next_page_token: null } });
    await addFault(sandbox, { kind: "empty_page", times: 1 });
    expect(await list()).toMatchObject({ collection: [], pagination: { next_page_token: token } });
    await addFault(sandbox, { kind: "short_page", times: 1 });
    const short = await list();
    expect([short.collection.length, short.pagination.next_page_token]).toEqual([2, token]);
    await addFault(sandbox, { kind: "repeat_token", times: 1 });
    expect((await list(`&page_token=${token}`)).pagination.next_page_token).toBe(token);
    await addFault(sandbox, { kind: "expired_page_token", times: 1, match: { path: "/scheduled_events" } });
    expect((await list(`&page_token=${token}`)).title).toBe("Invalid Argument");
    await addFault(sandbox, { kind: "drop_field", field: "start_time", times: 1 });
    expect((await list()).collection[0]).not.toHaveProperty("start_time");
  });
});

test("answers a control call that makes no sense with a stable code", async () => {
  const { sandbox } = await openAcme();
  const cases: [string, unknown, number, string][] = [
    ["/faults", { provider: "calendly", kind: "mischief" }, 400, "bad_body"],
    [
      "/calendly/book",
      {
        organization: "Nobody",
        eventType: "x",
        start: "2026-12-01T15:00:00Z",
        invitee: { email: "a@b.example", name: "A" },
      },
      404,
      "unknown_reference",
    ],
    ["/nowhere", {}, 404, "unknown_route"],
  ];
  for (const [path, body, status, code] of cases) {
    const answer = await sandbox.control("POST", path, body);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  }
});

test("answers a broken body in each provider's own shape", async () => {
  const { sandbox } = await openAcme();
  const post = (path: string) =>
    fetch(`${sandbox.url}${path}`, {
      method: "POST",
      headers: { authorization: "Bearer ada-token", "content-type": "application/json" },
      body: "{ broken",
    });
  const calendly = await post("/calendly/invitee_no_shows");
  expect([calendly.status, ((await calendly.json()) as { title: string }).title]).toEqual([
    400,
    "Invalid Argument",
  ]);
  expect((await post("/control/reset")).status).toBe(400);
});
