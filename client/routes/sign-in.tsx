import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate, useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { SignInCard } from "#client/features/shell/sign-in-card.tsx";
import { sessionQuery } from "#client/lib/session.ts";

const route = getRouteApi("/sign-in");

export function SignInScreen() {
  const { next } = route.useSearch();
  const navigate = useNavigate();
  const router = useRouter();
  const session = useQuery(sessionQuery);
  useEffect(() => {
    document.title = "Sign in · Bookproof";
  }, []);
  return (
    <SignInCard
      isDemo={session.data?.demo ?? false}
      onSignedIn={async () => {
        await router.invalidate();
        // Only an address of this console; anything else could lead a fresh session elsewhere.
        if (next?.startsWith("/") && !next.startsWith("//")) await navigate({ href: next });
        else await navigate({ to: "/" });
      }}
    />
  );
}
