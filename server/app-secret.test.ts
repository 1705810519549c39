import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readAppSecret } from "./app-secret.ts";

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "bookproof-secret-"));
});

afterEach(() => rm(dataDir, { recursive: true, force: true }));

test("prefers APP_SECRET and then writes nothing", async () => {
  expect(await readAppSecret({ appSecret: "given", dataDir })).toBe("given");
  await expect(stat(join(dataDir, "app-secret"))).rejects.toThrow();
});

test("is made once, also by two starts at the same time, and readable by its owner alone", async () => {
  const config = { appSecret: null, dataDir: join(dataDir, "new") };
  const [first, second] = await Promise.all([readAppSecret(config), readAppSecret(config)]);
  expect(second).toBe(first);
  expect(await readAppSecret(config)).toBe(first);
  const file = join(config.dataDir, "app-secret");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readFile(file, "utf8")).toBe(`${first}\n`);
});

test("says in one sentence that it is damaged", async () => {
  await writeFile(join(dataDir, "app-secret"), "short");
  await expect(readAppSecret({ appSecret: null, dataDir })).rejects.toMatchObject({
    code: "data_folder",
    message: expect.stringContaining("is damaged"),
  });
});

test("says in one sentence that it cannot be made", async () => {
  await writeFile(join(dataDir, "file"), "");
  await expect(readAppSecret({ appSecret: null, dataDir: join(dataDir, "file", "x") })).rejects.toMatchObject(
    {
      code: "data_folder",
      message: expect.stringContaining("cannot be read or written"),
    },
  );
});
