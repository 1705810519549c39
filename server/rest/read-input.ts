import type { z } from "zod";
import { AppError, notFound } from "#server/lib/errors.ts";
import { findUnstorable } from "#server/lib/storable.ts";

/** The query of a request. A parameter that does not exist is an error: a mistyped filter would answer everything. */
export function readQuery<T extends z.ZodObject>(schema: T, query: unknown): z.output<T> {
  const parsed = schema.strict().safeParse(query, { reportInput: false });
  if (parsed.success) refuseUnstorable("bad_parameter", query);
  // The schema's own output; `strict` changes what is refused and not what comes out.
  if (parsed.success) return parsed.data as z.output<T>;
  const unknown = parsed.error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys" ? issue.keys.slice(0, 20) : [],
  );
  if (unknown.length > 0) {
    throw new AppError("unknown_parameter", `Unknown query parameters: ${unknown.join(", ")}.`, {
      details: { unknown },
    });
  }
  const faults = describeFaults(parsed.error);
  const names = faults.map(({ path }) => path).join(", ");
  throw new AppError("bad_parameter", `Query parameters that do not fit: ${names}.`, { details: faults });
}

/**
 * The body of a request; every fault is named by its place, none by its value. Lists whose items are checked one by one
 * (`unknown` to the schema) are left to whoever checks them.
 */
export function readBody<T extends z.ZodType>(
  schema: T,
  body: unknown,
  { isCheckedByItem = false }: { isCheckedByItem?: boolean } = {},
): z.output<T> {
  const parsed = schema.safeParse(body ?? {}, { reportInput: false });
  if (parsed.success) {
    if (!isCheckedByItem) refuseUnstorable("bad_request", parsed.data);
    return parsed.data;
  }
  throw new AppError("bad_request", "The body does not fit.", { details: describeFaults(parsed.error) });
}

/** An id in a path; what is not one belongs to nothing. */
export function readId(id: unknown, what: string): string {
  if (typeof id === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) return id;
  throw notFound(what);
}

function refuseUnstorable(code: "bad_request" | "bad_parameter", given: unknown): void {
  const path = findUnstorable(given)?.join(".");
  if (path === undefined) return;
  throw new AppError(code, `${path} has a character that cannot be kept.`, {
    details: [{ path, message: "has a character that cannot be kept" }],
  });
}

function describeFaults({ issues }: z.ZodError): { path: string; message: string }[] {
  return issues.slice(0, 50).map((issue) => ({ path: issue.path.join("."), message: issue.message }));
}
