import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { INCIDENT_KINDS } from "#server/reconcile/incident-kinds.ts";

const guide = readFileSync(join(import.meta.dirname, "../../docs/operations.md"), "utf8");

test("docs/operations.md says of every incident what it means, what to do and when it closes", () => {
  const rows = guide.split("\n").flatMap((line) => {
    const [, kind] = /^\| `(\w+)` +\|/.exec(line) ?? [];
    return kind === undefined ? [] : [{ kind, cells: line.split("|").slice(2, 5) }];
  });
  expect(rows.map(({ kind }) => kind)).toEqual(Object.keys(INCIDENT_KINDS));
  for (const { cells } of rows) for (const cell of cells) expect(cell.trim().length).toBeGreaterThan(20);
});
