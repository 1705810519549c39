import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { type RunningSandbox, type StartOptions, startSandbox } from "../start-sandbox.ts";

// The test reads whatever fields it promises; a wrong one is an undefined in an assertion.
// biome-ignore lint/suspicious/noExplicitAny: answers are looked at, not typed
export type Answer = { status: number; headers: Headers; text: string; body: any };

export type OpenSandbox = RunningSandbox & {
  control(method: string, path: string, body?: unknown): Promise<Answer>;
  calendly(method: string, path: string, token?: string, body?: unknown): Promise<Answer>;
  highlevel(
    method: string,
    path: string,
    token?: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
};

/** A sandbox on a free port that ends with the test. Its clock stands still at `now` where one is given. */
export async function openSandbox(
  options: Partial<StartOptions> & { now?: string } = {},
): Promise<OpenSandbox> {
  const { now, ...start } = options;
  const sandbox = await startSandbox({ port: 0, ...start });
  onTestFinished(() => sandbox.close());
  if (now) sandbox.clock.freeze(Date.parse(now));
  const open: OpenSandbox = Object.assign(sandbox, {
    control: (method: string, path: string, body?: unknown) =>
      call(method, `${sandbox.url}/control${path}`, {}, body),
    calendly: (method: string, path: string, token?: string, body?: unknown) =>
      call(method, `${sandbox.url}/calendly${path}`, bearer(token), body),
    highlevel: (
      method: string,
      path: string,
      token?: string,
      body?: unknown,
      headers: Record<string, string> = { version: "2021-07-28" },
    ) => call(method, `${sandbox.url}/highlevel${path}`, { ...bearer(token), ...headers }, body),
  });
  return open;
}

function bearer(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

async function call(
  method: string,
  url: string,
  headers: Record<string, string>,
  body?: unknown,
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parse(text) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** An organization with an owner, a member, a solo and a group type. */
export async function addAcme(sandbox: OpenSandbox) {
  const { body } = await sandbox.control("POST", "/calendly/organizations", {
    name: "Acme",
    users: [
      { name: "Ada Owner", email: "ada@acme.example", token: "ada-token" },
      { name: "Ben Member", email: "ben@acme.example", token: "ben-token" },
    ],
    eventTypes: [
      { name: "Intro", duration: 30 },
      { name: "Class", duration: 60, kind: "group", seats: 3 },
      { name: "Ben's call", duration: 30, owner: "ben@acme.example" },
    ],
  });
  return {
    organization: body.organization.uri as string,
    owner: body.users[0].uri as string,
    member: body.users[1].uri as string,
  };
}

export async function bookIntro(sandbox: OpenSandbox, fields: Record<string, unknown> = {}) {
  const { body } = await sandbox.control("POST", "/calendly/book", {
    organization: "Acme",
    eventType: "Intro",
    start: "2026-12-01T15:00:00Z",
    invitee: { email: "lee@buyer.example", name: "Lee Buyer" },
    ...fields,
  });
  return body as { eventId: string; inviteeId: string; invitee: { uri: string }; event: { uri: string } };
}

export type Received = { headers: Record<string, string | string[] | undefined>; raw: string; atMs: number };

/** A receiver of webhooks that answers with whatever `status` says at the time. */
export async function openReceiver() {
  const received: Received[] = [];
  const state = { status: 200 };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push({
        headers: request.headers,
        raw: Buffer.concat(chunks).toString("utf8"),
        atMs: Date.now(),
      });
      response.writeHead(state.status, state.status === 302 ? { location: "/elsewhere" } : {}).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/hook`, received, state };
}
