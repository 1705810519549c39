import { ErrorState } from "#client/components/ui/error-state.tsx";
import { readError } from "#client/lib/trpc.ts";
import { ERRORS } from "#client/lib/vocabulary.ts";

/** A query that failed, in three parts: `what` could not be loaded, what that means, and the way to try again. */
export function LoadFailure({
  what,
  error,
  onRetry,
}: {
  /** Plural and lower case: "tasks", "this lead". */
  what: string;
  error: unknown;
  onRetry: () => void;
}) {
  const { code, message, status } = readError(error);
  const answer = status === null ? "the server did not answer" : `server answered ${status}`;
  return (
    <ErrorState
      title={`Could not load ${what} (${answer}).`}
      effect={ERRORS[code]?.effect ?? message}
      onRetry={onRetry}
      id={status === null ? undefined : code}
    />
  );
}
