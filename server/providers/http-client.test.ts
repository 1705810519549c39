import { describe, expect, test } from "vitest";
import { z } from "zod";
import { SettableClock } from "#server/lib/clock.ts";
import { addMs } from "#server/lib/duration.ts";
import { createCalendlyDialect } from "./calendly/dialect.ts";
import { highLevelDialect } from "./highlevel/dialect.ts";
import {
  createHttpClient,
  type ProviderCall,
  type ProviderClientOptions,
  type ProviderDialect,
} from "./http-client.ts";
import { createMemoryRateLimiter } from "./memory-rate-limiter.ts";
import { ProviderError } from "./provider-error.ts";
import { setUpFakeProvider } from "./testing/start-fake-provider.ts";

const provider = setUpFakeProvider();
const NOW = new Date("2026-11-20T12:00:00Z");
const SECRET = "secret-token-1234";
const READ = {
  method: "GET",
  endpoint: "/things/:id",
  path: "/things/42",
  isById: true,
  schema: z.object({ name: z.string() }),
} as const;
const WRITE = { ...READ, method: "POST", body: { wish: 1 } } as const;
const GOOD = { json: { name: "ok" } };

function setUp(
  changes: Partial<ProviderClientOptions> = {},
  dialect: ProviderDialect = createCalendlyDialect(),
) {
  const clock = new SettableClock(NOW);
  const sleeps: number[] = [];
  const calls: ProviderCall[] = [];
  const sleep = async (ms: number) => {
    sleeps.push(ms);
    clock.advance(ms);
  };
  const limiter = createMemoryRateLimiter({ clock, sleep, random: () => 0 });
  const bucket = `${dialect.provider}:owner` as const;
  const http = createHttpClient(dialect, bucket, {
    baseUrl: `${provider.origin}/base/`,
    token: SECRET,
    clock,
    limiter,
    sleep,
    priority: "live",
    random: () => 0,
    onCall: (call) => calls.push(call),
    ...changes,
  });
  return { http, clock, sleeps, calls, limiter, bucket };
}

async function failureOf(promise: Promise<unknown>): Promise<ProviderError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ProviderError) return error;
  throw new Error("did not fail with a ProviderError", { cause: error });
}

describe("sending", () => {
  test("joins the path onto the base and carries the token and an Accept header", async () => {
    provider.reply(GOOD);
    await setUp().http.request({ ...READ, query: { email: "a+b@c.example" } });
    expect(provider.seen).toMatchObject([
      {
        method: "GET",
        url: "/base/things/42?email=a%2Bb%40c.example",
        headers: { authorization: `Bearer ${SECRET}`, accept: "application/json" },
      },
    ]);
  });

  test("dates the answer by when its own attempt was sent", async () => {
    const { http, clock } = setUp();
    provider.reply({ status: 503 }, (response) => {
      clock.advance(4_000); // a slow answer: what it says may already be old
      response.end(JSON.stringify({ name: "ok" }));
    });
    const { asOf } = await http.request(READ);
    expect(asOf).toEqual(addMs(NOW, 250));
  });

  test("reports every attempt by ids and counts only", async () => {
    const { http, calls } = setUp();
    provider.reply({ status: 500 }, GOOD);
    await http.request(READ);
    expect(calls.map(({ ms: _ms, ...call }) => call)).toEqual([
      { provider: "calendly", endpoint: "GET /things/:id", status: 500 },
      { provider: "calendly", endpoint: "GET /things/:id", status: 200 },
    ]);
  });

  test.each([301, 302, 307, 308])("a redirect (%i) is refused and never followed", async (status) => {
    provider.reply({ status, headers: { location: `${provider.origin}/base/elsewhere` } });
    const error = await failureOf(setUp().http.request(READ));
    expect(error).toMatchObject({ kind: "unexpected", httpStatus: status });
    expect(provider.seen).toHaveLength(1);
  });

  test("an address outside the base is not called", async () => {
    const error = await failureOf(setUp().http.request({ ...READ, path: "/../../elsewhere" }));
    expect(error).toMatchObject({ kind: "unexpected", details: { reason: "address" } });
    expect(provider.seen).toHaveLength(0);
  });
});

describe("trying again", () => {
  test("a read is tried three times in all, with growing pauses", async () => {
    provider.reply({ status: 502 });
    const { http, sleeps } = setUp();
    expect(await failureOf(http.request(READ))).toMatchObject({ kind: "unavailable", httpStatus: 502 });
    expect(provider.seen).toHaveLength(3);
    expect(sleeps).toEqual([250, 500]);
  });

  test("a cut-off body is read again", async () => {
    provider.reply({ raw: '{"name": "o' }, GOOD);
    expect((await setUp().http.request(READ)).data).toEqual({ name: "ok" });
  });

  test("a dropped connection is read again", async () => {
    provider.reply((response) => response.destroy(), GOOD);
    expect((await setUp().http.request(READ)).data).toEqual({ name: "ok" });
  });

  test.each([
    ["unavailable", { status: 503 }],
    ["unavailable", (response: { destroy(): void }) => response.destroy()],
    ["rate_limited", { status: 429 }],
    ["unexpected", { raw: "<html>" }],
  ])("a write is sent once: %s", async (kind, reply) => {
    provider.reply(reply as Parameters<typeof provider.reply>[0]);
    expect(await failureOf(setUp().http.request(WRITE))).toMatchObject({ kind });
    expect(provider.seen).toHaveLength(1);
  });

  test.each([400, 401, 403, 404, 409, 422])("a refusal (%i) is final", async (status) => {
    provider.reply({ status, json: { title: "No", message: "no" } });
    await failureOf(setUp().http.request(READ));
    expect(provider.seen).toHaveLength(1);
  });

  test("a well-formed answer in another form is final", async () => {
    provider.reply({ json: { error: "yes" } });
    const error = await failureOf(setUp().http.request(READ));
    expect(error).toMatchObject({
      kind: "unexpected",
      httpStatus: 200,
      isTransient: true,
      details: { reason: "schema", keys: ["error"], faults: ["name: invalid_type"] },
    });
    expect(provider.seen).toHaveLength(1);
  });
});

describe("limits of patience and size", () => {
  test("a provider that does not answer in time is unavailable", async () => {
    provider.reply(() => {});
    const error = await failureOf(setUp({ timeoutMs: 30 }).http.request(READ));
    expect(error).toMatchObject({ kind: "unavailable", httpStatus: null, details: { reason: "timeout" } });
  });

  test("a body that never ends is unavailable", async () => {
    provider.reply((response) => response.write('{"name":'));
    const error = await failureOf(setUp({ timeoutMs: 30 }).http.request(READ));
    expect(error).toMatchObject({ kind: "unavailable", details: { reason: "timeout" } });
  });

  test("a body beyond the cap is not read to its end", async () => {
    provider.reply({ json: { name: "x".repeat(5_000) } });
    const error = await failureOf(setUp({ maxBodyBytes: 1_000 }).http.request(READ));
    expect(error).toMatchObject({ kind: "unexpected", details: { reason: "too_large" } });
  });

  test("the caller's own abort comes out as it went in", async () => {
    const controller = new AbortController();
    provider.reply(() => controller.abort(new Error("shutting down")));
    await expect(setUp({ signal: controller.signal }).http.request(READ)).rejects.toThrow("shutting down");
    await expect(setUp({ signal: controller.signal }).http.request(READ)).rejects.toThrow("shutting down");
    expect(provider.seen).toHaveLength(1);
  });
});

describe("rates", () => {
  test("a refusal rests the bucket, so that the next call is not even sent", async () => {
    const { http, limiter, bucket } = setUp();
    provider.reply({ status: 429, headers: { "x-ratelimit-limit": "500", "x-ratelimit-reset": "60" } });
    const error = await failureOf(http.request(READ));
    expect(error).toMatchObject({ kind: "rate_limited", retryAt: addMs(NOW, 60_000) });
    expect(await failureOf(http.request(READ))).toMatchObject({ kind: "rate_limited" });
    expect(provider.seen).toHaveLength(1);
    expect((await limiter.state(bucket)).limit).toBe(125);
  });

  test("a short rest is waited out", async () => {
    const { http, sleeps } = setUp();
    provider.reply({ status: 429, raw: "", headers: { "x-ratelimit-reset": "5" } }, GOOD);
    expect((await http.request(READ)).data).toEqual({ name: "ok" });
    expect(sleeps).toEqual([5_000]);
  });

  test("Calendly's limit is learned, and half of it is ours", async () => {
    const { http, limiter, bucket } = setUp();
    provider.reply({ ...GOOD, headers: { "x-ratelimit-limit": "50", "x-ratelimit-remaining": "49" } });
    await http.request(READ);
    expect((await limiter.state(bucket)).limit).toBe(25);
  });

  test("HighLevel's limits are learned, the day's too", async () => {
    const { http, limiter, bucket } = setUp({}, highLevelDialect);
    provider.reply({
      ...GOOD,
      headers: {
        "x-ratelimit-max": "25",
        "x-ratelimit-remaining": "24",
        "x-ratelimit-interval-milliseconds": "10000",
        "x-ratelimit-limit-daily": "10000",
        "x-ratelimit-daily-remaining": "9000",
        "x-ratelimit-daily-reset": "3600000",
      },
    });
    await http.request(READ);
    expect(await limiter.state(bucket)).toMatchObject({
      limit: 22,
      windowMs: 10_500,
      dailyLimit: 10_000,
      dailyUsed: 1_000,
      dailyResetAt: addMs(NOW, 3_600_000),
    });
  });

  test("a used-up day at HighLevel is waited for until it ends, not for a cool-down", async () => {
    const { http, clock } = setUp({}, highLevelDialect);
    const headers = {
      "x-ratelimit-limit-daily": "200000",
      "x-ratelimit-daily-remaining": "0",
      "x-ratelimit-daily-reset": String(6 * 3_600_000),
    };
    provider.reply({ status: 429, json: { statusCode: 429, message: "Too many" }, headers });
    expect(await failureOf(http.request(READ))).toMatchObject({ kind: "rate_limited" });
    clock.advance(3_600_000);
    expect(await failureOf(http.request(READ))).toMatchObject({
      kind: "rate_limited",
      retryAt: addMs(NOW, 6 * 3_600_000),
      details: { reason: "daily" },
    });
    expect(provider.seen).toHaveLength(1);
  });
});

describe("privacy", () => {
  const PERSON = "jonas.muster@lead.example";
  test.each([
    ["a misfit", { json: { name: 7, email: PERSON, [PERSON]: PERSON } }],
    ["text instead of JSON", { raw: `hello ${PERSON}` }],
    [
      "a refusal in JSON",
      { status: 400, json: { message: PERSON, details: [{ parameter: PERSON, message: PERSON }] } },
    ],
    [
      "a missing permission",
      { status: 403, json: { title: PERSON, message: PERSON, required_scopes: [PERSON] } },
    ],
    ["a server error", { status: 500, raw: PERSON }],
    ["a list", { json: [PERSON] }],
  ])("no error quotes the provider or the token: %s", async (_sentence, reply) => {
    for (const dialect of [createCalendlyDialect(), highLevelDialect]) {
      provider.reply(reply);
      const error = await failureOf(setUp({}, dialect).http.request(READ));
      const told = JSON.stringify([error.message, error.details, String(error.cause), error.stack]);
      expect(told).not.toContain("jonas");
      expect(told).not.toContain(SECRET);
    }
  });
});
