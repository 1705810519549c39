import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { AppError } from "./errors.ts";

export type HttpDoor = {
  port: number;
  /** From now on requests get real answers; before, they get 503 `starting`. */
  serve(handler: RequestListener): void;
  /** Takes no new connection, lets answers finish for `graceMs`, then cuts what is left (streams). */
  close(graceMs?: number): Promise<void>;
};

/**
 * Takes the port first of all, so that a taken one is known before anything else has started. `variable`
 * is the setting that the one sentence names.
 */
export async function openHttpDoor(options: {
  host: string;
  port: number;
  variable: string;
}): Promise<HttpDoor> {
  const { host, port, variable } = options;
  let handle: RequestListener = (_req, res) => {
    res.writeHead(503, { "content-type": "application/json", "retry-after": "1" });
    res.end(JSON.stringify({ error: { code: "starting", message: "The server is starting." } }));
  };
  const server = createServer((req, res) => handle(req, res));
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => reject(toAppError(cause, host, port, variable)));
    server.listen({ host, port }, resolve);
  });
  // The cast: a server listening on a port has an address with one.
  const address = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    port: address.port,
    serve(handler) {
      handle = handler;
    },
    close(graceMs = 1_000) {
      closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), graceMs).unref();
      });
      return closing;
    },
  };
}

function toAppError(cause: NodeJS.ErrnoException, host: string, port: number, variable: string): AppError {
  const sentences: Record<string, string> = {
    EADDRINUSE: `Port ${port} is taken: set ${variable} to a free one.`,
    EACCES: `Port ${port} is reserved for the system: set ${variable} to one above 1023.`,
    EADDRNOTAVAIL: `This machine has no address ${host}: set HOST to one of its own, or to 127.0.0.1.`,
    ENOTFOUND: `This machine has no address ${host}: set HOST to one of its own, or to 127.0.0.1.`,
  };
  const sentence = sentences[cause.code ?? ""] ?? `Cannot listen on ${host}, port ${port} (${cause.code}).`;
  return new AppError("port_unavailable", sentence, { cause });
}
