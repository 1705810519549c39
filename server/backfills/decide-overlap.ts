export type DayRange = { from: Date; to: Date };

export type OtherRun = DayRange & {
  id: string;
  number: number;
  workspaceIds: string[];
  providers: string[];
  percent: number | null;
};

export type WantedRun = DayRange & { workspaceIds: string[]; providers: string[] };

export type Overlap = {
  /** Runs under way that read some of the same days at the same providers. */
  runs: OtherRun[];
  /** The days none of them reads, as ranges, oldest first. */
  uncovered: DayRange[];
};

/**
 * Which of the wanted days others are reading already. Days count as covered only by runs that read every wanted
 * workspace and provider; the others are named, and take nothing away.
 */
export function decideOverlap(wanted: WantedRun, running: OtherRun[]): Overlap {
  const runs = running.filter(
    (run) =>
      run.from < wanted.to &&
      wanted.from < run.to &&
      run.workspaceIds.some((id) => wanted.workspaceIds.includes(id)) &&
      run.providers.some((provider) => wanted.providers.includes(provider)),
  );
  const covering = runs
    .filter(
      (run) =>
        wanted.workspaceIds.every((id) => run.workspaceIds.includes(id)) &&
        wanted.providers.every((provider) => run.providers.includes(provider)),
    )
    .sort((a, b) => a.from.getTime() - b.from.getTime());

  const uncovered: DayRange[] = [];
  let at = wanted.from;
  for (const run of covering) {
    if (run.from > at) uncovered.push({ from: at, to: run.from });
    if (run.to > at) at = run.to;
  }
  if (at < wanted.to) uncovered.push({ from: at, to: wanted.to });
  return { runs, uncovered };
}
