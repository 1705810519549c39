import { runBackfill } from "#server/backfills/run-backfill.ts";
import { createDb } from "#server/db/client.ts";
import { createLog } from "#server/lib/log.ts";
import { createBackfillDeps } from "./backfill-world.ts";

/** A worker as a process of its own, for tests that kill it. Arguments: database, sandbox, run, log level. */
const [databaseUrl = "", sandboxUrl = "", backfillId = "", logLevel = "silent"] = process.argv.slice(2);
const db = createDb(databaseUrl, { max: 4 });
process.send?.("ready");
const deps = { ...createBackfillDeps(db, sandboxUrl), log: createLog(logLevel) };
await runBackfill(deps, { backfillId }, new AbortController().signal);
await db.$disconnect();
process.disconnect?.();
