import { afterAll, beforeAll, expect, it } from "vitest";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { createLiveFeed, type LiveFeed } from "./live-feed.ts";

const database = setUpTestDatabase();
let feed: LiveFeed;

beforeAll(async () => {
  feed = await createLiveFeed({ db: database.db, url: database.url });
});
afterAll(() => feed.close());

async function readAll(signal: AbortSignal, lastId?: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of feed.follow({ lastId, signal })) ids.push(id);
  return ids;
}

it.each([
  ["from now on", undefined],
  ["after an event it has seen", "0.0"],
])("ends quietly for a reader %s who has left before the first look", async (_, lastId) => {
  expect(await readAll(AbortSignal.abort(), lastId)).toEqual([]);
});

it("ends quietly for a reader who leaves while waiting", async () => {
  const reader = new AbortController();
  const reading = readAll(reader.signal, "0.0");
  reader.abort();
  expect(await reading).toEqual([]);
});
