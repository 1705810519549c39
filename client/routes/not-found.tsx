import { Link } from "@tanstack/react-router";
import { EmptyState } from "#client/components/ui/empty-state.tsx";

/** Also the answer for a workspace or a screen that is not this operator's to see. */
export function NotFoundScreen() {
  return (
    <main className="grid h-full place-items-center">
      <h1 className="sr-only">Bookproof</h1>
      <EmptyState
        title="Nothing here"
        action={
          <Link to="/" className="text-accent underline-offset-2 hover:underline">
            Go to your start screen
          </Link>
        }
      >
        This address leads to no screen, or to one that your role does not include.
      </EmptyState>
    </main>
  );
}
