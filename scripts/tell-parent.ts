import { AppError } from "#server/lib/errors.ts";

/**
 * Tells a parent process that waits until it may begin. One that is gone by then is an error: nobody else would end what
 * it started.
 */
export async function tellParent(message: object): Promise<void> {
  if (!process.send) return;
  const cause = await new Promise<Error | null>((resolve) => process.send?.(message, resolve));
  if (cause) throw new AppError("parent_gone", "Whoever started this is gone, so it ends.", { cause });
}
