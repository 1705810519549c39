import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Config } from "#server/config.ts";
import { keptLogsEnvironment } from "#server/testing/kept-logs-environment.ts";

export const ADMIN_KEY = "processes-admin-key-0123456789";
export const CRON_SECRET = "processes-cron-secret-0123456789";

const root = join(import.meta.dirname, "../..");

/** As `npm start` does it, flags included. */
const [, ...START] = (
  JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: { start: string } }
).scripts.start.split(" ");

/** pino's levels: 50 is an error, 60 the end. */
const ERROR_LINE = /"level":[56]0/;

export type ProcessOptions = {
  databaseUrl: string;
  sandboxUrl: string;
  role: Config["processRole"];
  port: number;
  /** Where webhooks are to be sent: the address of the process that answers them. */
  publicUrl: string;
  /** Where the database holds secrets that somebody else has sealed. */
  appSecret?: string;
};

/** How a process ended: its exit code, null where a signal killed it, and how long it took. */
export type Ending = { code: number | null; afterMs: number };

export type ServerProcess = {
  url: string;
  pid: number;
  role: ProcessOptions["role"];
  /** Lines of its log that tell of an error. */
  complaints: string[];
  end(signal: "SIGTERM" | "SIGKILL"): Promise<Ending>;
};

/** `npm start` as a process of its own; resolves when it says that it has started. */
export async function startProcess(options: ProcessOptions): Promise<ServerProcess> {
  const { port, role } = options;
  const child = spawn(process.execPath, START, {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      ...keptLogsEnvironment(),
      DATABASE_URL: options.databaseUrl,
      APP_SECRET: options.appSecret ?? "processes-secret-of-at-least-32-characters",
      ADMIN_API_KEY: ADMIN_KEY,
      CRON_SECRET,
      PROCESS_ROLE: role,
      PORT: String(port),
      PUBLIC_URL: options.publicUrl,
      CALENDLY_API_URL: `${options.sandboxUrl}/calendly`,
      HIGHLEVEL_API_URL: `${options.sandboxUrl}/highlevel`,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const complaints: string[] = [];
  await Promise.race([
    untilStarted(child, complaints),
    exited.then(([code]) => {
      throw new Error(`A ${role} process ended with ${code} before it had started.`);
    }),
  ]);
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    role,
    complaints,
    async end(signal) {
      const startedAt = performance.now();
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal);
        await exited;
      }
      return { code: child.exitCode, afterMs: performance.now() - startedAt };
    },
  };
}

/** Its log is read to the end, so that it never waits for a reader. */
async function untilStarted({ stdout }: ChildProcess, complaints: string[]): Promise<void> {
  if (!stdout) throw new Error("The process has no output.");
  const lines = createInterface({ input: stdout });
  await new Promise<void>((resolve) => {
    lines.on("line", (line) => {
      if (line.includes('"server started"')) resolve();
      if (ERROR_LINE.test(line)) complaints.push(line);
    });
  });
}
