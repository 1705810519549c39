/** A table for people: first column left, the others right; the first row is the header. */
export function printTable(title: string, rows: string[][]): void {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (row: string[]) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("   ");
  const [header = [], ...body] = rows;
  console.log(`\n${title}\n`);
  console.log(line(header));
  console.log(widths.map((width) => "─".repeat(width)).join("   "));
  for (const row of body) console.log(line(row));
  console.log();
}
