import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const SECTIONS = ["Process", "Provider", "Webhooks", "Data", "Operator"];

type Fault = { section: string; number: number; name: string; answer: string; proofs: string[] };

/** The rows of the tables in docs/faults.md. */
function readFaults(): Fault[] {
  const faults: Fault[] = [];
  let section = "";
  for (const line of readFileSync(join(root, "docs/faults.md"), "utf8").split("\n")) {
    section = /^## (.+)$/.exec(line)?.[1] ?? section;
    const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    const [, number = "", name = "", answer = "", proofs = ""] = cells;
    if (!/^\d+$/.test(number)) continue;
    const all = proofs.split("<br>").flatMap((proof) => proof.trim() || []);
    faults.push({ section, number: Number(number), name, answer, proofs: all });
  }
  return faults;
}

/** `` `path/of.test.ts` › title ``, or null where it is written otherwise. */
function readProof(proof: string): { path: string; title: string } | null {
  const [, path, title] = /^`([^`]+)` › (.+)$/.exec(proof) ?? [];
  return path && title ? { path, title: title.replaceAll("\\|", "|") } : null;
}

const faults = readFaults();

describe("docs/faults.md", () => {
  test("names every fault once, in order, in its section", () => {
    expect(faults.map(({ number }) => number)).toEqual(Array.from({ length: 52 }, (_, index) => index + 1));
    const order = faults.map(({ section }) => SECTIONS.indexOf(section));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  test.each(faults)("$number $name: is answered, and proven or explained", ({ answer, proofs }) => {
    expect(answer.length).toBeGreaterThan(20);
    expect(proofs.length).toBeGreaterThan(0);
    if (proofs[0] === "–") return;
    for (const proof of proofs) {
      const named = readProof(proof);
      expect(named, proof).not.toBeNull();
      const file = join(root, named?.path ?? "");
      expect(existsSync(file), `${named?.path} exists`).toBe(true);
      const source = readFileSync(file, "utf8").replaceAll('\\"', '"');
      expect(source.includes(named?.title ?? ""), `${named?.path} has a test: ${named?.title}`).toBe(true);
    }
  });
});
