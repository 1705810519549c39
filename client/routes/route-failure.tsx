import { useRouter } from "@tanstack/react-router";
import { ErrorState } from "#client/components/ui/error-state.tsx";
import { readError } from "#client/lib/trpc.ts";
import { ERRORS } from "#client/lib/vocabulary.ts";

/** A screen that could not start: the server did not answer, or the console has a fault of its own. */
export function RouteFailure({ error }: { error: unknown }) {
  const router = useRouter();
  const { code, message } = readError(error);
  return (
    <main className="grid h-full place-items-center">
      <h1 className="sr-only">Bookproof</h1>
      <ErrorState
        title={message}
        effect={
          ERRORS[code]?.effect ?? "Nothing was changed. Reload the page; if it happens again, quote the code."
        }
        onRetry={() => void router.invalidate()}
        id={code}
      />
    </main>
  );
}
