import fc from "fast-check";
import { expect, test } from "vitest";
import { compareText } from "../sorted-index.ts";
import { CalendlyRefusal } from "./errors.ts";
import { type PageRequest, takePage } from "./paging.ts";

type Row = { id: string; at: number; isShown: boolean };

const worlds = fc.record({
  // Few distinct instants, so that most rows tie with others.
  rows: fc.uniqueArray(
    fc.record({
      id: fc.string({ unit: fc.constantFrom("a", "b", "1"), minLength: 1, maxLength: 4 }),
      at: fc.integer({ min: 0, max: 5 }),
      isShown: fc.boolean(),
    }),
    { selector: (row) => row.id, maxLength: 40 },
  ),
  count: fc.integer({ min: 1, max: 7 }),
  descending: fc.boolean(),
  from: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
  to: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
});

test("pages through every matching row exactly once, in order, and back again", () => {
  fc.assert(
    fc.property(worlds, ({ rows, count, descending, from, to }) => {
      const sorted = [...rows].sort((a, b) => a.at - b.at || compareText(a.id, b.id));
      const expected = sorted.filter((row) => row.isShown && row.at >= (from ?? 0) && row.at <= (to ?? 5));
      if (descending) expected.reverse();
      const ask = (token: string | undefined) => {
        const request: PageRequest<Row> = {
          rows: sorted,
          sortValue: (row) => row.at,
          matches: (row) => row.isShown,
          descending,
          count,
          token,
          from,
          to,
        };
        return takePage(request);
      };
      const pages = [ask(undefined)];
      for (let next = pages[0]?.next; next; next = pages.at(-1)?.next) pages.push(ask(next));
      expect(pages.flatMap((page) => page.rows)).toEqual(expected);
      expect(pages[0]?.previous).toBeNull();
      for (let at = pages.length - 1; at > 0; at -= 1) {
        expect(ask(pages[at]?.previous ?? undefined).rows).toEqual(pages[at - 1]?.rows);
      }
    }),
  );
});

test("goes on in the right place when the row it stopped at is gone", () => {
  const rows: Row[] = [1, 2, 3, 4].map((at) => ({ id: `row${at}`, at, isShown: true }));
  const ask = (left: Row[], token?: string) =>
    takePage({ rows: left, sortValue: (row) => row.at, descending: false, count: 2, token });
  const token = ask(rows).next ?? undefined;
  const rest = ask(
    rows.filter((row) => row.at !== 2),
    token,
  );
  expect(rest.rows.map((row) => row.at)).toEqual([3, 4]);
});

test("counted by rows, what leaves an earlier page pulls one over the edge unseen", () => {
  const rows: Row[] = [1, 2, 3, 4].map((at) => ({ id: `row${at}`, at, isShown: true }));
  const ask = (left: Row[], token?: string) =>
    takePage({
      rows: left,
      sortValue: (row) => row.at,
      descending: false,
      count: 2,
      token,
      isByOffset: true,
    });
  const token = ask(rows).next ?? undefined;
  expect(ask(rows, token).rows.map((row) => row.at)).toEqual([3, 4]);
  expect(ask(rows.slice(1), token).rows.map((row) => row.at)).toEqual([4]);
  expect(ask(rows.slice(1), token).next).toBeNull();
});

test("refuses a token that is not its own", () => {
  const page = () =>
    takePage({ rows: [] as Row[], sortValue: (row) => row.at, descending: false, count: 2, token: "?" });
  expect(page).toThrow(CalendlyRefusal);
});
