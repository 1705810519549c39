import { runBackfill } from "#server/backfills/run-backfill.ts";
import { createDb } from "#server/db/client.ts";
import { createBackfillDeps } from "./backfill-world.ts";

/** A worker as a process of its own, for tests that kill it. Arguments: database, sandbox, run. */
const [databaseUrl = "", sandboxUrl = "", backfillId = ""] = process.argv.slice(2);
const db = createDb(databaseUrl, { max: 4 });
process.send?.("ready");
await runBackfill(createBackfillDeps(db, sandboxUrl), { backfillId }, new AbortController().signal);
await db.$disconnect();
process.disconnect?.();
