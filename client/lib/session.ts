import { useSuspenseQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { ALL_WORKSPACES, type EffectiveRole } from "./permissions.ts";
import { queryClient, type RouterOutput, trpc } from "./trpc.ts";

export type Session = RouterOutput["session"]["me"];

/** The workspace in the URL, with the role this operator has there. */
export type CurrentWorkspace = { slug: string; id: string | null; name: string; role: EffectiveRole };

export function sessionQuery() {
  return trpc.session.me.queryOptions(undefined, { staleTime: 60_000 });
}

export function useSession(): Session {
  return useSuspenseQuery(sessionQuery()).data;
}

/** Null when the operator has no place in that workspace: then it does not exist for them. */
export function findWorkspace(session: Session, slug: string): CurrentWorkspace | null {
  const isAdmin = session.user.role === "admin";
  if (slug === ALL_WORKSPACES) {
    return isAdmin ? { slug, id: null, name: "All workspaces", role: "admin" } : null;
  }
  const membership = session.memberships.find((each) => each.slug === slug);
  if (!membership) return null;
  return {
    slug,
    id: membership.workspaceId,
    name: membership.name,
    role: isAdmin ? "admin" : membership.role,
  };
}

/** The workspace a signed-in person starts in; null when they belong to none. */
export function decideStart(session: Session): string | null {
  if (session.user.role === "admin") return ALL_WORKSPACES;
  return session.memberships[0]?.slug ?? null;
}

/** Only below `/w/:workspace`, where the route has already checked that the workspace exists for this person. */
export function useWorkspace(): CurrentWorkspace {
  const { workspace } = useParams({ from: "/w/$workspace" });
  const found = findWorkspace(useSession(), workspace);
  if (!found) throw new Error("The workspace route renders only for members.");
  return found;
}

export async function signIn(email: string, password: string): Promise<SignInResult> {
  const response = await fetch("/api/auth/sign-in/email", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email, password }),
  }).catch(() => null);
  if (!response) return { ok: false, reason: "unreachable" };
  if (response.ok) {
    queryClient.clear();
    return { ok: true };
  }
  if (response.status === 429) return { ok: false, reason: "too_many" };
  return { ok: false, reason: response.status < 500 ? "rejected" : "unreachable" };
}

export type SignInResult = { ok: true } | { ok: false; reason: "rejected" | "too_many" | "unreachable" };

/** Forgets everything read in this session, whether or not the server could be reached. */
export async function signOut(): Promise<void> {
  await fetch("/api/auth/sign-out", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  }).catch(() => null);
  queryClient.clear();
}
