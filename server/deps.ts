import type { Auth } from "./auth/auth.ts";
import type { Config } from "./config.ts";
import type { Db } from "./db/client.ts";
import type { LiveFeed } from "./db/live-feed.ts";
import type { Queue } from "./db/queue.ts";
import type { Clock } from "./lib/clock.ts";
import type { Log } from "./lib/log.ts";
import type { SecretBox } from "./lib/secrets.ts";
import type { ProviderClients } from "./providers/provider-clients.ts";

/** What the areas are given: made once at start, handed down, never imported. */
export type Deps = {
  config: Config;
  db: Db;
  clock: Clock;
  log: Log;
  queue: Queue;
  live: LiveFeed;
  secrets: SecretBox;
  providers: ProviderClients;
  auth: Auth;
  /** Where this server is reached from outside; webhooks are created with it. */
  publicUrl: string;
};
