import { QueryObserver } from "@tanstack/react-query";
import { afterEach, describe, expect, it, vi } from "vitest";
import { queryClient } from "#client/lib/trpc.ts";
import { readAgain } from "./read-again.ts";

/** A query on screen whose answers come when the test gives them. */
function showQuery() {
  const answers: ((value: string) => void)[] = [];
  const observer = new QueryObserver(queryClient, {
    queryKey: ["rows"],
    queryFn: () => new Promise<string>((resolve) => answers.push(resolve)),
  });
  const leave = observer.subscribe(() => {});
  leaving.push(leave);
  return {
    asked: () => answers.length,
    answer: (at: number, value: string) => answers[at]?.(value),
    shown: () => observer.getCurrentResult().data,
  };
}

const leaving: (() => void)[] = [];
const ROWS = { queryKey: ["rows"] };

afterEach(() => {
  for (const leave of leaving.splice(0)) leave();
  queryClient.clear();
});

describe("readAgain", () => {
  it("asks again after a first answer that was on its way", async () => {
    const query = showQuery();
    const done = readAgain(ROWS);
    expect(query.asked()).toBe(1);
    query.answer(0, "from before");
    await vi.waitFor(() => expect(query.asked()).toBe(2));
    query.answer(1, "from after");
    await done;
    expect(query.shown()).toBe("from after");
  });

  it("drops the answer of a refresh that was on its way", async () => {
    const query = showQuery();
    query.answer(0, "first");
    await vi.waitFor(() => expect(query.shown()).toBe("first"));
    void queryClient.refetchQueries(ROWS);
    expect(query.asked()).toBe(2);
    const done = readAgain(ROWS);
    expect(query.asked()).toBe(3);
    query.answer(1, "from before");
    query.answer(2, "from after");
    await done;
    expect(query.shown()).toBe("from after");
  });
});
