// Run as a process of its own by tests that kill it: starts a database in the given folder, says where, and waits.
import { startEmbeddedPostgres } from "#server/db/embedded-postgres.ts";
import { createLog } from "#server/lib/log.ts";

const [dataDir = ""] = process.argv.slice(2);
const { url, port } = await startEmbeddedPostgres({ dataDir, log: createLog("silent") });
process.stdout.write(`${JSON.stringify({ url, port })}\n`);
setInterval(() => {}, 60_000);
