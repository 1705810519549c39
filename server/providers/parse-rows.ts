import type { z } from "zod";

/** A row that does not fit the schema: named by position, id and paths, never by its values. */
export type RejectedRow = { index: number; id: string | null; faults: string[] };

export type ParsedRows<T> = { rows: T[]; rejected: RejectedRow[] };

/** From this many on, a page without one readable row is a changed format and not a poisoned row. */
const WHOLE_PAGE_IS_FOREIGN = 5;

/** Reads a page row by row, so that one poisoned row costs itself and not the page. */
export function parseRows<T>(
  values: readonly unknown[],
  schema: z.ZodType<T>,
  readId: (row: Record<string, unknown>) => unknown,
): ParsedRows<T> {
  const rows: T[] = [];
  const rejected: RejectedRow[] = [];
  for (const [index, value] of values.entries()) {
    const parsed = schema.safeParse(value);
    if (parsed.success) rows.push(parsed.data);
    else rejected.push({ index, id: readSafeId(value, readId), faults: describeFaults(parsed.error) });
  }
  return { rows, rejected };
}

export function isForeignPage(page: ParsedRows<unknown>): boolean {
  return page.rows.length === 0 && page.rejected.length >= WHOLE_PAGE_IS_FOREIGN;
}

/** Paths and fault codes of a failed parse; messages and inputs may quote the payload and are left out. */
export function describeFaults(error: z.ZodError): string[] {
  return error.issues
    .slice(0, 10)
    .map((issue) => `${issue.path.map(describeKey).join(".") || "(root)"}: ${issue.code}`);
}

/** Keys of a body that was not understood: its shape without its values. */
export function describeKeys(body: unknown): string[] {
  if (Array.isArray(body)) return ["(array)"];
  if (body === null || typeof body !== "object") return [`(${body === null ? "null" : typeof body})`];
  return Object.keys(body).slice(0, 20).map(describeKey);
}

/** A provider may key an object by something personal, so only identifier-like keys are shown. */
function describeKey(key: PropertyKey): string {
  const text = String(key);
  return typeof key === "number" || /^[A-Za-z_][A-Za-z0-9_]{0,39}$/.test(text) ? text : "*";
}

function readSafeId(value: unknown, readId: (row: Record<string, unknown>) => unknown): string | null {
  if (value === null || typeof value !== "object") return null;
  const id = readId(value as Record<string, unknown>); // any non-null object can be read by key
  return typeof id === "string" && /^[A-Za-z0-9_-]{1,100}$/.test(id) ? id : null;
}
