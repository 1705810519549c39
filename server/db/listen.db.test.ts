import { expect, test, vi } from "vitest";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { createListener } from "./listen.ts";

const database = setUpTestDatabase();

test("hears what is notified, and only on its channel", async () => {
  const heard: string[] = [];
  const listener = await createListener(database.url, "bell", (payload) => heard.push(payload));
  await database.db
    .$executeRaw`SELECT pg_notify('elsewhere', 'no'), pg_notify('bell', 'one'), pg_notify('bell', 'two')`;
  await expect.poll(() => heard).toEqual(["one", "two"]);
  await listener.close();
});

test("says so after a lost connection and hears again", async () => {
  const heard: string[] = [];
  const onReconnect = vi.fn();
  const listener = await createListener(database.url, "bell", (payload) => heard.push(payload), {
    onReconnect,
  });
  await database.db.$executeRaw`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'bookproof listen bell' AND datname = current_database()`;
  await expect.poll(() => onReconnect.mock.calls.length, { timeout: 20_000 }).toBe(1);
  await database.db.$executeRaw`SELECT pg_notify('bell', 'again')`;
  await expect.poll(() => heard).toEqual(["again"]);
  await listener.close();
});

test("hears nothing once closed, and closing does not count as a loss", async () => {
  const onReconnect = vi.fn();
  const listener = await createListener(database.url, "bell", () => {}, { onReconnect });
  await listener.close();
  const rows = await database.db.$queryRaw`
    SELECT 1 FROM pg_stat_activity WHERE application_name = 'bookproof listen bell' AND datname = current_database()`;
  expect(rows).toEqual([]);
  expect(onReconnect).not.toHaveBeenCalled();
});

test("throws when the database cannot be reached at the start", async () => {
  const url = new URL(database.url);
  url.password = "wrong";
  await expect(createListener(url.href, "bell", () => {})).rejects.toMatchObject({ code: "28P01" });
});
