import type { RunSlice } from "./run.ts";

/** Consecutive slices of one calendar in which nobody had a meeting: one line instead of many. */
export type QuietDays = {
  id: string;
  provider: RunSlice["provider"];
  workspaceName: string;
  /** The earliest and the latest day. */
  from: string;
  to: string;
  days: number;
  lastReadAt: string | null;
};
export type LogEntry = { slice: RunSlice } | { quiet: QuietDays };

/** Below this many, the days themselves say it as briefly. */
const WORTH_FOLDING = 3;

/** The log without its repetition: days on which nothing was found stand together. Order stays. */
export function foldSlices(slices: readonly RunSlice[]): LogEntry[] {
  const groups: RunSlice[][] = [];
  for (const slice of slices) {
    const group = groups.at(-1);
    const before = group?.at(-1);
    if (group && before && isQuiet(before) && isQuiet(slice) && isOfSameCalendar(before, slice)) {
      group.push(slice);
    } else groups.push([slice]);
  }
  return groups.flatMap((group): LogEntry[] =>
    group.length < WORTH_FOLDING ? group.map((slice) => ({ slice })) : [{ quiet: describeGroup(group) }],
  );
}

function isQuiet({ state, done, known, failed, errorCode }: RunSlice): boolean {
  return state === "done" && done + known + failed === 0 && errorCode === null;
}

function isOfSameCalendar(a: RunSlice, b: RunSlice): boolean {
  return a.provider === b.provider && a.workspaceName === b.workspaceName;
}

function describeGroup(group: readonly RunSlice[]): QuietDays {
  const days = group.map(({ day }) => day).toSorted();
  const reads = group.flatMap(({ startedAt }) => startedAt ?? []).toSorted();
  const [first] = group as [RunSlice, ...RunSlice[]]; // a group begins with its first slice
  return {
    id: first.id,
    provider: first.provider,
    workspaceName: first.workspaceName,
    from: days[0] ?? first.day,
    to: days.at(-1) ?? first.day,
    days: group.length,
    lastReadAt: reads.at(-1) ?? null,
  };
}
