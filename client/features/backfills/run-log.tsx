import { StateMark } from "#client/components/ui/state-mark.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { formatDate } from "#client/lib/time-text.ts";
import { PROVIDERS, SLICE_STATES } from "#client/lib/vocabulary.ts";
import { foldSlices, type QuietDays } from "./fold-slices.ts";
import type { RunSlice } from "./run.ts";
import { addDays, writeCount, writeErrorReason, writeRange, writeSpan } from "./run-text.ts";

const COUNTS = [
  { head: "New or changed", of: (slice: RunSlice) => slice.done },
  { head: "Known", of: (slice: RunSlice) => slice.known },
  { head: "Failed", of: (slice: RunSlice) => slice.failed },
];

/** Every slice that was begun, the latest on top: when, how long, what it brought, and why it failed; quiet days together. */
export function RunLog({ slices, showsWorkspace }: { slices: readonly RunSlice[]; showsWorkspace: boolean }) {
  if (slices.length === 0) return <p className="text-ink-2">No slice has been read yet.</p>;
  // The page says of which year the run is: a day wants its year only where the run spans two.
  const latestMs = Math.max(...slices.map(({ day }) => Date.parse(day)));
  // A column of nothing but zeros says less than its absence.
  const counts = COUNTS.filter(({ of }) => slices.some((slice) => of(slice) > 0));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keys
    <section tabIndex={0} aria-label="Slices" className="overflow-x-auto">
      <table className="w-full min-w-140 border-separate border-spacing-0">
        <thead>
          <tr className="text-left text-xs text-ink-3">
            {["Day", "State", ...counts.map(({ head }) => head), "Took", "Read"].map((head) => (
              <th
                key={head}
                className={`border-b border-rule py-1.5 pr-4 font-medium ${counts.some((count) => count.head === head) ? "text-right" : ""}`}
              >
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {foldSlices(slices).map((entry) =>
            "slice" in entry ? (
              <SliceRow
                key={entry.slice.id}
                slice={entry.slice}
                latestMs={latestMs}
                counts={counts}
                showsWorkspace={showsWorkspace}
              />
            ) : (
              <QuietRow
                key={entry.quiet.id}
                quiet={entry.quiet}
                latestMs={latestMs}
                columns={counts.length + 1}
                showsWorkspace={showsWorkspace}
              />
            ),
          )}
        </tbody>
      </table>
    </section>
  );
}

const CELL = "border-b border-rule py-1.5 pr-4 align-middle";

/** Days on which nobody had a meeting. */
function QuietRow({
  quiet,
  latestMs,
  columns,
  showsWorkspace,
}: {
  quiet: QuietDays;
  latestMs: number;
  columns: number;
  showsWorkspace: boolean;
}) {
  const word = SLICE_STATES.done;
  return (
    <tr>
      <td className={`${CELL} whitespace-nowrap`}>
        {writeRange({ from: quiet.from, to: addDays(quiet.to, 1) }, latestMs)}
        <Calendar of={quiet} showsWorkspace={showsWorkspace} />
      </td>
      <td className={CELL}>
        <StateMark shape={word.shape ?? "dot"} tone={word.tone}>
          {word.label}
        </StateMark>
      </td>
      <td className={`${CELL} text-ink-3`} colSpan={columns}>
        {writeCount(quiet.days)} days without a meeting
      </td>
      <td className={`${CELL} whitespace-nowrap text-ink-2`}>
        {quiet.lastReadAt && <Time kind="moment" at={quiet.lastReadAt} seconds />}
      </td>
    </tr>
  );
}

function Calendar({
  of,
  showsWorkspace,
}: {
  of: Pick<RunSlice, "provider" | "workspaceName">;
  showsWorkspace: boolean;
}) {
  return (
    <small className="ml-2 text-xs text-ink-3">
      {PROVIDERS[of.provider].label}
      {showsWorkspace && `, ${of.workspaceName}`}
    </small>
  );
}

function SliceRow({
  slice,
  latestMs,
  counts,
  showsWorkspace,
}: {
  slice: RunSlice;
  latestMs: number;
  counts: typeof COUNTS;
  showsWorkspace: boolean;
}) {
  const word = SLICE_STATES[slice.state];
  return (
    <tr>
      <td className={`${CELL} whitespace-nowrap`}>
        {formatDate(Date.parse(slice.day), latestMs, "UTC")}
        <Calendar of={slice} showsWorkspace={showsWorkspace} />
      </td>
      <td className={CELL}>
        <StateMark shape={word.shape ?? "dot"} tone={word.tone}>
          {word.label}
        </StateMark>
        {slice.errorCode && slice.state !== "done" && (
          <small className="block text-xs text-ink-3">{writeErrorReason(slice.errorCode)}</small>
        )}
      </td>
      {counts.map(({ head, of }) => (
        <td key={head} className={`${CELL} text-right`}>
          {of(slice) > 0 && writeCount(of(slice))}
        </td>
      ))}
      <td className={`${CELL} whitespace-nowrap text-ink-2`}>
        {slice.startedAt && slice.endedAt ? writeSpan(slice.startedAt, slice.endedAt) : "–"}
      </td>
      <td className={`${CELL} whitespace-nowrap text-ink-2`}>
        {slice.startedAt && <Time kind="moment" at={slice.startedAt} seconds />}
      </td>
    </tr>
  );
}
