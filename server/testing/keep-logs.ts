import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import pino from "pino";
import { copyLogsTo } from "#server/lib/log.ts";
import { keptLogsEnvironment } from "./kept-logs-environment.ts";

// Loaded first by every process of a test run, and by those that tests start: what each of them logs, at every level,
// and what it says on its error output is kept, so that the run's last step can look through it (R43). Answers on the
// standard output are a program's own words to the person who called it.

const folder = process.env.TEST_LOGS;

/** Test files that share a process load this one anew each; their process has one log. */
const KEPT = Symbol.for("bookproof.logs-are-kept");

if (folder && !Reflect.has(process, KEPT)) {
  Reflect.set(process, KEPT, true);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${process.pid}.log`);
  copyLogsTo(pino.destination({ dest: file, append: true, sync: true }));
  const write = process.stderr.write.bind(process.stderr);
  process.stderr.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
    appendFileSync(file, chunk);
    // Passed on as it came, whichever of its forms was meant.
    return Reflect.apply(write, process.stderr, [chunk, ...rest]);
  };
  Object.assign(process.env, keptLogsEnvironment());
}
