import { expect, test } from "vitest";
import { walkPages } from "./walk-pages.ts";

async function walk(tokens: (string | null)[]) {
  const asked: (string | undefined)[] = [];
  const pages = walkPages(async (pageToken) => {
    asked.push(pageToken);
    return { nextPageToken: tokens[asked.length - 1] ?? null };
  });
  let count = 0;
  for await (const _page of pages) count++;
  return { asked, count };
}

test("goes on until there is no token", async () => {
  expect(await walk([null])).toEqual({ asked: [undefined], count: 1 });
  expect(await walk(["a", "b", null])).toEqual({ asked: [undefined, "a", "b"], count: 3 });
});

test.each([[["a", "a"]], [["a", "b", "a"]]])("stops at a token that returns: %j", async (tokens) => {
  await expect(walk(tokens)).rejects.toMatchObject({
    kind: "unexpected",
    details: { reason: "repeated_token" },
  });
});
