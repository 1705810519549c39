import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createDb, type Db } from "#server/db/client.ts";
import { findFreePort } from "#server/testing/find-free-port.ts";
import { runAsAdmin } from "#server/testing/run-as-admin.ts";
import { startSandbox } from "../../sandbox/start-sandbox.ts";
import { type Account, type AccountName, type Control, createAccounts, emailsOf } from "./accounts.ts";
import {
  ADMIN_KEY,
  CRON_SECRET,
  type ProcessOptions,
  type ServerProcess,
  startProcess,
} from "./start-process.ts";

export type World = AsyncDisposable & {
  /** Exists once the first process has migrated it. */
  readonly db: Db;
  control: Control;
  start(role: ProcessOptions["role"]): Promise<ServerProcess>;
  /** Calls the process that answers people and providers. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads a few fields of many different answers
  call(method: "GET" | "POST", path: string, options?: { body?: unknown; workspace?: string }): Promise<any>;
  /** Workspaces with their leads, connected through the front door; answers their ids. */
  settle(): Promise<Record<AccountName, string>>;
  readonly accounts: Account[];
};

/** An empty database, not even migrated, and a sandbox with the same people each time. */
export async function openWorld(clusterUrl: string): Promise<World> {
  await using started = new AsyncDisposableStack();
  const databaseUrl = await createEmptyDatabase(clusterUrl);
  started.defer(() =>
    runAsAdmin(clusterUrl, `DROP DATABASE "${databaseUrl.pathname.slice(1)}" WITH (FORCE)`),
  );
  const db = createDb(databaseUrl.href, { max: 3 });
  started.defer(() => db.$disconnect());
  const sandbox = await startSandbox({ port: 0 });
  started.defer(() => sandbox.close());
  const control: Control = async (path, body = {}) => {
    const response = await fetch(`${sandbox.url}/control${path}`, {
      method: body === null ? "GET" : "POST",
      headers: { "content-type": "application/json" },
      ...(body === null ? {} : { body: JSON.stringify(body) }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`control ${path}: ${JSON.stringify(answer)}`);
    return answer;
  };
  const accounts = await createAccounts(control);
  const webPort = await findFreePort();
  const webUrl = `http://127.0.0.1:${webPort}`;

  const world: World = {
    db,
    control,
    accounts,
    async start(role) {
      const port = role === "worker" ? await findFreePort() : webPort;
      const server = await startProcess({
        databaseUrl: databaseUrl.href,
        sandboxUrl: sandbox.url,
        publicUrl: webUrl,
        port,
        role,
      });
      running.defer(async () => {
        await server.end("SIGKILL");
      });
      return server;
    },
    async call(method, path, { body, workspace } = {}) {
      const response = await fetch(webUrl + path, {
        method,
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${path.startsWith("/api/cron/") ? CRON_SECRET : ADMIN_KEY}`,
          ...(workspace ? { "x-workspace-id": workspace } : {}),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return JSON.parse(text);
    },
    async settle() {
      const ids = await Promise.all(accounts.map((account) => connect(world, account)));
      // Checked by `createAccounts`: one for each name.
      return Object.fromEntries(ids) as Record<AccountName, string>;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
  const running = started.move();
  return world;
}

/** Leads who say they have a meeting and have none, for a bulk decision. */
export const CLAIMANTS = 1_500;

/** Leads before accounts, so that the first sweep is newer than every claim. */
async function connect(world: World, account: Account): Promise<[AccountName, string]> {
  const { name, calendlyToken, highlevel } = account;
  const workspace = {
    name,
    externalId: name,
    userEmail: `owner@${name.toLowerCase()}.example`,
    invite: true,
  };
  const { workspaceId } = await world.call("POST", "/api/admin/workspaces", { body: workspace });
  const leads: Record<string, unknown>[] = emailsOf(name).map((email) => ({ email, firstName: "Guest" }));
  if (name === "North") {
    for (let at = 0; at < CLAIMANTS; at++) {
      const claim = { status: "meeting_booked", sentiment: "meeting_booked" };
      leads.push({ email: `claimant${at}@north.example`, ...claim });
    }
  }
  await world.call("POST", "/api/v1/leads", { workspace: workspaceId, body: { leads } });
  await world.call("POST", "/api/admin/workspaces", {
    body: {
      externalId: name,
      upsert: true,
      ...(calendlyToken ? { calendlyAccessToken: calendlyToken } : {}),
      ...(highlevel ? { ghlLocationId: highlevel.locationId, ghlPrivateKey: highlevel.token } : {}),
    },
  });
  return [name, workspaceId];
}

/** Asks again until nothing is left; says after how long, and what was left where that takes too long. */
export async function untilNone(
  count: () => Promise<Record<string, number>>,
  withinMs = 60_000,
): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    const left = Object.entries(await count()).filter(([, number]) => number > 0);
    const afterMs = performance.now() - startedAt;
    if (left.length === 0) return afterMs;
    if (afterMs > withinMs) throw new Error(`Left after ${withinMs} ms: ${left.join(", ")}`);
    await sleep(50);
  }
}

async function createEmptyDatabase(clusterUrl: string): Promise<URL> {
  const url = new URL(clusterUrl);
  url.pathname = `/processes_${randomBytes(6).toString("hex")}`;
  await runAsAdmin(clusterUrl, `CREATE DATABASE "${url.pathname.slice(1)}" TEMPLATE template0`);
  return url;
}
