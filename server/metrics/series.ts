/** A metric with its values, as programs read them; labels are words of ours, never of a person. */
export type Series = {
  type: "gauge" | "counter";
  name: string;
  help: string;
  labelNames: string[];
  values: { labels: Record<string, string>; value: number }[];
};

export function toSeries<L extends string>(
  type: Series["type"],
  name: string,
  help: string,
  rows: (Record<L, string> & { value: number })[],
  labelNames: L[],
): Series {
  return {
    type,
    name,
    help,
    labelNames,
    values: rows.map((row) => ({
      labels: Object.fromEntries(labelNames.map((label) => [label, row[label]])),
      value: row.value,
    })),
  };
}
