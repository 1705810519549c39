import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** What a process that a test starts needs in its environment for its logs to be kept; nothing where none are. */
export function keptLogsEnvironment(): { TEST_LOGS?: string; NODE_OPTIONS?: string } {
  const folder = process.env.TEST_LOGS;
  if (!folder) return {};
  const first = pathToFileURL(join(import.meta.dirname, "keep-logs.ts")).href;
  return { TEST_LOGS: folder, NODE_OPTIONS: `--import=${first}` };
}
