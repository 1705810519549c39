import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach } from "vitest";

type SeenRequest = { method: string; url: string; headers: IncomingHttpHeaders; body: unknown };

export type FakeReply =
  | { status?: number; headers?: Record<string, string>; json?: unknown; raw?: string }
  | ((response: ServerResponse) => void);

/**
 * A provider of one's own for the test file that calls this: it answers with `replies` in turn, the last
 * one again and again, and remembers what it was asked.
 */
export function setUpFakeProvider() {
  const seen: SeenRequest[] = [];
  let replies: FakeReply[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const { method = "", url = "", headers } = request;
    seen.push({ method, url, headers, body: body ? JSON.parse(body) : undefined });
    const reply = replies.length > 1 ? replies.shift() : replies[0];
    if (typeof reply === "function") return reply(response);
    response.writeHead(reply?.status ?? 200, { "content-type": "application/json", ...reply?.headers });
    response.end(reply?.raw ?? (reply?.json === undefined ? "" : JSON.stringify(reply.json)));
  });
  beforeAll(() => new Promise<void>((done) => server.listen(0, "127.0.0.1", done)));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    seen.length = 0;
    replies = [];
  });
  return {
    seen,
    reply(...next: FakeReply[]) {
      replies = next;
    },
    get origin() {
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server has no other form
    },
  };
}
