import { afterEach, expect, test } from "vitest";
import { type HttpDoor, openHttpDoor } from "./http-door.ts";

const doors: HttpDoor[] = [];

afterEach(async () => {
  for (const door of doors.splice(0)) await door.close(0);
});

async function open(port = 0): Promise<HttpDoor> {
  const door = await openHttpDoor({ host: "127.0.0.1", port, variable: "PORT" });
  doors.push(door);
  return door;
}

test("answers 503 starting until it serves", async () => {
  const door = await open();
  const early = await fetch(`http://127.0.0.1:${door.port}/`);
  expect(early.status).toBe(503);
  expect(await early.json()).toMatchObject({ error: { code: "starting" } });
  door.serve((_req, res) => res.end("open"));
  expect(await (await fetch(`http://127.0.0.1:${door.port}/`)).text()).toBe("open");
});

test("names the setting when the port is taken", async () => {
  const { port } = await open();
  await expect(open(port)).rejects.toThrow(`Port ${port} is taken: set PORT to a free one.`);
});

test("says so when the machine has no such address", async () => {
  await expect(openHttpDoor({ host: "192.0.2.1", port: 0, variable: "PORT" })).rejects.toThrow("set HOST");
});

test("cuts what is still open when the grace is over", async () => {
  const door = await open();
  door.serve((_req, res) => void res.write("an endless stream"));
  const stream = await fetch(`http://127.0.0.1:${door.port}/`);
  await door.close(0);
  await expect(stream.text()).rejects.toThrow();
});
