import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, it } from "vitest";

/** A program that has something to say once it is told to go on, by whatever ends its standard input. */
const PROGRAM = `
  import { tellParent } from ${JSON.stringify(join(import.meta.dirname, "tell-parent.ts"))};
  process.stdin.resume().once("end", () => tellParent({ isReady: true }).catch(({ code }) => console.log(code)));
`;

function start() {
  return spawn(process.execPath, ["--input-type=module", "--eval", PROGRAM], {
    stdio: ["pipe", "pipe", "inherit", "ipc"],
  });
}

it("tells a parent that waits", async () => {
  const child = start();
  child.stdin?.end();
  const [message] = await once(child, "message");
  expect(message).toEqual({ isReady: true });
  child.disconnect();
  await once(child, "exit");
});

it("says that the parent is gone instead of crashing, so that what was started can be stopped in order", async () => {
  const child = start();
  child.disconnect();
  child.stdin?.end();
  expect(String(await once(child.stdout ?? child, "data"))).toBe("parent_gone\n");
  expect(await once(child, "exit")).toEqual([0, null]);
});
