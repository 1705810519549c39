import { EventEmitter } from "node:events";
import { pino } from "pino";
import { expect, test, vi } from "vitest";
import { logWarnings } from "./log-warnings.ts";

test("a warning is one line of the log, and whoever printed it before prints it no more", () => {
  const lines: string[] = [];
  const source = new EventEmitter();
  const print = vi.fn();
  source.on("warning", print);
  const serializers = { err: (err: Error & { code?: string }) => `${err.name} ${err.code}` };
  logWarnings(pino({ serializers }, { write: (line: string) => lines.push(line) }), source);
  const warning = Object.assign(new Error("is deprecated"), { name: "DeprecationWarning", code: "DEP0" });
  source.emit("warning", warning);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 40, err: "DeprecationWarning DEP0", msg: "warning" },
  ]);
  expect(print).not.toHaveBeenCalled();
});
