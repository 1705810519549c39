import type { z } from "zod";
import type { Clock } from "#server/lib/clock.ts";
import { addMs } from "#server/lib/duration.ts";
import { computeClockSkewMs } from "./compute-clock-skew.ts";
import type { CallPriority } from "./decide-rate-slot.ts";
import { describeFaults, describeKeys } from "./parse-rows.ts";
import { ProviderError, type ProviderErrorKind } from "./provider-error.ts";
import { joinProviderUrl, type QueryValues } from "./provider-url.ts";
import type { BucketKey, ProviderName, RateFacts } from "./rate-bucket.ts";
import type { RateLimiter } from "./rate-limiter.ts";
import { BodyTooLargeError, readBodyText } from "./read-body-text.ts";
import { computeRetryDelayMs } from "./retry-delay.ts";
import { type Sleep, systemSleep } from "./sleep.ts";

const DEFAULT_TIMEOUT_MS = 10_000;
/** A location's whole calendar arrives in one reply, about 1 kB an event. */
const DEFAULT_MAX_BODY_BYTES = 32 * 1024 * 1024;
const MAX_READ_ATTEMPTS = 3;

/** What one request cost; ids and counts only. `status` is null when no reply came. */
export type ProviderCall = { provider: ProviderName; endpoint: string; status: number | null; ms: number };

export type ProviderClientOptions = {
  baseUrl: string;
  token: string;
  clock: Clock;
  limiter: RateLimiter;
  priority: CallPriority;
  sleep?: Sleep;
  signal?: AbortSignal;
  /** How long one call may wait for its slot; without it, as long as its priority does. */
  patienceMs?: number;
  onCall?: (call: ProviderCall) => void;
  timeoutMs?: number;
  maxBodyBytes?: number;
  random?: () => number;
};

export type RefusalFacts = { status: number; body: unknown; isById: boolean };

/** What a refusal means; `retryAfterMs` only where the text says more than the headers. */
export type Refusal = { kind: ProviderErrorKind; details?: Record<string, unknown>; retryAfterMs?: number };

/** What differs between the providers. */
export type ProviderDialect = {
  provider: ProviderName;
  headers: Record<string, string>;
  decideRefusal(facts: RefusalFacts): Refusal;
  readRateFacts(headers: Headers, now: Date): RateFacts;
  decideRetryWaitMs(headers: Headers, now: Date, random: () => number): number;
};

export type HttpRequest<T> = {
  method: "GET" | "POST" | "DELETE";
  /** The path with placeholders, for counters: it carries no id. */
  endpoint: string;
  path: string;
  query?: QueryValues;
  headers?: Record<string, string>;
  body?: unknown;
  /** Asks for one thing by its id, so that a not-found answer is about that thing. */
  isById?: boolean;
  schema: z.ZodType<T>;
};

/** `asOf` is when the request was sent: the answer is at least that new (never when it arrived). */
export type HttpReply<T> = { data: T; asOf: Date };

export type HttpClient = {
  request<T>(request: HttpRequest<T>): Promise<HttpReply<T>>;
  /** By how much our clock was ahead of the provider's at the last answer; null before one was dated. */
  clockSkewMs(): number | null;
};

/**
 * One door to a provider: takes a slot, sends, reads, checks. Fails only with `ProviderError`, or with the
 * caller's own abort reason. Reads are tried again when that may help; a POST or DELETE never is.
 */
export function createHttpClient(
  dialect: ProviderDialect,
  bucket: BucketKey,
  options: ProviderClientOptions,
): HttpClient {
  const { clock, limiter, priority, patienceMs, signal, onCall } = options;
  const { sleep = systemSleep, random = Math.random } = options;
  const { timeoutMs = DEFAULT_TIMEOUT_MS, maxBodyBytes = DEFAULT_MAX_BODY_BYTES } = options;
  const { provider } = dialect;
  let skewMs: number | null = null;

  async function request<T>(call: HttpRequest<T>): Promise<HttpReply<T>> {
    for (let attempt = 1; ; attempt++) {
      await limiter.acquire({ bucket, priority, patienceMs, signal });
      try {
        return await attemptOnce(call);
      } catch (error) {
        const isRead = call.method === "GET";
        if (!isRead || attempt >= MAX_READ_ATTEMPTS || !isWorthRepeating(error)) throw error;
        // After a 429 the cooled bucket sets the pace: `acquire` waits, or says from when on.
        const isPaced = error instanceof ProviderError && error.kind === "rate_limited";
        if (!isPaced) await sleep(computeRetryDelayMs(attempt, random), signal);
      }
    }
  }

  async function attemptOnce<T>(call: HttpRequest<T>): Promise<HttpReply<T>> {
    const asOf = clock.now();
    const { status, headers, text } = await exchange(call);
    if (status !== 429) await limiter.learn(bucket, dialect.readRateFacts(headers, clock.now()));
    if (status < 200 || status > 299) return await refuse(call, status, headers, parseJson(text));

    const body = status === 204 || call.method === "DELETE" ? (parseJson(text) ?? null) : parseJson(text);
    if (body === undefined) {
      throw fail("unexpected", `${call.endpoint} did not answer with JSON.`, status, { reason: "not_json" });
    }
    const parsed = call.schema.safeParse(body);
    if (parsed.success) return { data: parsed.data, asOf };
    throw fail("unexpected", `${call.endpoint} answered in a form that is not known.`, status, {
      reason: "schema",
      keys: describeKeys(body),
      faults: describeFaults(parsed.error),
    });
  }

  async function exchange(call: HttpRequest<unknown>) {
    const startedAt = performance.now(); // a stopwatch, not a time: the clock may stand still
    const sentAt = clock.now();
    const timeout = AbortSignal.timeout(timeoutMs);
    let status: number | null = null;
    try {
      const response = await fetch(buildUrl(call), {
        method: call.method,
        headers: {
          ...dialect.headers,
          ...call.headers,
          accept: "application/json",
          authorization: `Bearer ${options.token}`,
          ...(call.body === undefined ? {} : { "content-type": "application/json" }),
        },
        body: call.body === undefined ? undefined : JSON.stringify(call.body),
        // A redirect would carry the token elsewhere; as a status it is refused like any other surprise.
        redirect: "manual",
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      status = response.status;
      const date = response.headers.get("date");
      skewMs = computeClockSkewMs({ sentAt, receivedAt: clock.now(), date }) ?? skewMs;
      return { status, headers: response.headers, text: await readBodyText(response, maxBodyBytes) };
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof ProviderError) throw error;
      if (error instanceof BodyTooLargeError) {
        throw fail("unexpected", `${call.endpoint} answered with too much.`, status, { reason: "too_large" });
      }
      const reason = timeout.aborted ? "timeout" : "network";
      throw fail("unavailable", `${call.endpoint} did not answer.`, status, {
        reason,
        code: readErrorCode(error),
      });
    } finally {
      const ms = Math.round(performance.now() - startedAt);
      onCall?.({ provider, endpoint: `${call.method} ${call.endpoint}`, status, ms });
    }
  }

  async function refuse(
    call: HttpRequest<unknown>,
    status: number,
    headers: Headers,
    body: unknown,
  ): Promise<never> {
    const refusal = dialect.decideRefusal({ status, body, isById: call.isById ?? false });
    const now = clock.now();
    let { retryAfterMs } = refusal;
    if (refusal.kind === "rate_limited") {
      retryAfterMs ??= dialect.decideRetryWaitMs(headers, now, random);
      await limiter.coolDown(bucket, retryAfterMs, dialect.readRateFacts(headers, now));
    }
    const retryAt = retryAfterMs === undefined ? null : addMs(now, retryAfterMs);
    const message = `${call.endpoint} was refused (${status}).`;
    throw fail(refusal.kind, message, status, refusal.details, retryAt);
  }

  function buildUrl(call: HttpRequest<unknown>): URL {
    try {
      return joinProviderUrl(options.baseUrl, call.path, call.query);
    } catch {
      throw fail("unexpected", `${call.endpoint} cannot be addressed.`, null, { reason: "address" });
    }
  }

  function fail(
    kind: ProviderErrorKind,
    message: string,
    httpStatus: number | null,
    details?: unknown,
    retryAt: Date | null = null,
  ): ProviderError {
    return new ProviderError(provider, kind, message, { httpStatus, details, retryAt });
  }

  return { request, clockSkewMs: () => skewMs };
}

/** A cut-off body is worth a second look; a well-formed answer that says no, or something else, is not. */
function isWorthRepeating(error: unknown): boolean {
  if (!(error instanceof ProviderError)) return false;
  if (error.kind === "unavailable") return error.retryAt === null;
  if (error.kind === "rate_limited") return true;
  return error.kind === "unexpected" && hasReason(error.details, "not_json");
}

function hasReason(details: unknown, reason: string): boolean {
  return typeof details === "object" && details !== null && "reason" in details && details.reason === reason;
}

/** Undefined when it is no JSON. The parser's own message quotes the body, so it goes no further. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `ECONNRESET` and the like, which fetch hides in its cause. */
function readErrorCode(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
}
