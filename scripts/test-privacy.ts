import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLeakFinder } from "#server/testing/find-leaks.ts";

/** What everything else logged meanwhile is known by: fewer lines than this were not the whole suite. */
const LEAST_LINES = 50;
const LEAST_VALUES = 500;

/** Looks through everything that the tests before this one made their processes log (R43). Names places, never values. */
function findLeaksIn(folder: string): number {
  const values = new Set(
    readLines(join(folder, "values")).flatMap(({ text }) => text.split("\n").filter(Boolean).map(readValue)),
  );
  const find = createLeakFinder(values);
  let lines = 0;
  let leaks = 0;
  for (const { file, text } of readLines(folder)) {
    lines += text.split("\n").length - 1;
    for (const { line, kind } of find(text)) {
      leaks += 1;
      console.error(`${file}:${line} says ${kind}`);
    }
  }
  const sum = `${lines} lines were searched for ${values.size} values`;
  if (leaks > 0) {
    console.error(`\n${sum}; ${leaks} of them say what no log may say.`);
    return 1;
  }
  if (lines < LEAST_LINES || values.size < LEAST_VALUES) {
    console.error(
      `Only ${sum}: that proves nothing. This step looks through what \`npm test\` logged before it.`,
    );
    return 1;
  }
  console.log(`${sum}, and say nothing of anybody.`);
  return 0;
}

function readLines(folder: string): { file: string; text: string }[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ name }) => ({
    file: join(folder, name),
    text: readFileSync(join(folder, name), "utf8"),
  }));
}

function readValue(line: string): string {
  const value: unknown = JSON.parse(line);
  if (typeof value !== "string") throw new Error("A line of remembered values is no text.");
  return value;
}

const folder = process.env.TEST_LOGS;
if (!folder) {
  console.error("There are no logs to look through: this step belongs to `npm test`.");
  process.exitCode = 1;
} else {
  process.exitCode = findLeaksIn(folder);
}
