import { useNavigate } from "@tanstack/react-router";
import { Button } from "#client/components/ui/button.tsx";
import { EmptyState } from "#client/components/ui/empty-state.tsx";
import { signOut } from "#client/lib/session.ts";

/** A person who can sign in and belongs nowhere yet. */
export function NoWorkspace() {
  const navigate = useNavigate();
  return (
    <main className="grid h-full place-items-center">
      <h1 className="sr-only">Bookproof</h1>
      <EmptyState
        title="No workspace yet"
        action={
          <Button onClick={() => void signOut().then(() => navigate({ to: "/sign-in" }))}>Sign out</Button>
        }
      >
        You are signed in, and no workspace has added you. Ask its owner to invite you.
      </EmptyState>
    </main>
  );
}
