import { schedule } from "node-cron";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { createCronLogger } from "./cron-logger.ts";

test("a tick that is passed over says so in the server's own log, and nowhere else", async () => {
  let tell = (_line: string) => {};
  const told = new Promise<string>((resolve) => {
    tell = resolve;
  });
  const log = pino({ base: undefined }, { write: (line: string) => tell(line) });
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const task = schedule("* * * * * *", () => ended, {
    noOverlap: true,
    suppressMissedWarning: true,
    logger: createCronLogger(log, "sweeps"),
  });
  onTestFinished(async () => {
    end();
    await task.destroy();
  });
  expect(JSON.parse(await told)).toMatchObject({
    level: 40,
    tick: "sweeps",
    msg: expect.stringContaining("overlap"),
  });
});

test("an error goes by its type, without its words", () => {
  const lines: string[] = [];
  const log = pino(
    { base: undefined, serializers: { err: (err: Error) => err.name } },
    { write: (line: string) => lines.push(line) },
  );
  createCronLogger(log, "clock").error(new RangeError("lee@buyer.example"));
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 50, tick: "clock", err: "RangeError", msg: "tick failed" },
  ]);
});
