import { type ServerProcess, startProcess } from "#server/processes/start-process.ts";
import { findFreePort } from "#server/testing/find-free-port.ts";
import { BENCH_SECRET, type Bench } from "./open-bench.ts";

/** Real server processes on a bench's database and sandbox, told to stop at its end. */
export type Servers = AsyncDisposable & {
  /** Where the process that is no mere worker answers, before and after it is started anew. */
  url: string;
  start(role: ServerProcess["role"]): Promise<ServerProcess>;
};

export async function openServers({ databaseUrl, sandboxUrl }: Bench): Promise<Servers> {
  const started = new AsyncDisposableStack();
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    async start(role) {
      const server = await startProcess({
        databaseUrl,
        sandboxUrl,
        appSecret: BENCH_SECRET,
        publicUrl: url,
        role,
        port: role === "worker" ? await findFreePort() : port,
      });
      started.defer(async () => {
        await server.end("SIGTERM");
      });
      return server;
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
