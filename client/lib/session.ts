import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { setServerNow } from "./clock.ts";
import { ALL_WORKSPACES, type EffectiveRole } from "./permissions.ts";
import { type Permission, queryClient, type RouterOutput, trpcClient } from "./trpc.ts";

export type Session = RouterOutput["session"]["me"];
export type SignedInSession = Session & { user: NonNullable<Session["user"]> };

/** The workspace in the URL, with what this operator may do there. `zone` is null across all workspaces. */
export type CurrentWorkspace = {
  slug: string;
  id: string | null;
  name: string;
  zone: string | null;
  role: EffectiveRole;
  permissions: readonly Permission[];
};

/** Who is signed in; `user` is null for a stranger. Each answer also sets the clock. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async () => {
    const session = await trpcClient.session.me.query();
    setServerNow(session.serverNow);
    return session;
  },
  staleTime: 60_000,
});

/** Only below `/w/:workspace`, whose route has checked that somebody is signed in. */
export function useSession(): SignedInSession {
  const { data } = useSuspenseQuery(sessionQuery);
  const { user } = data;
  if (!user) throw new Error("The workspace route renders only for people who are signed in.");
  return { ...data, user };
}

/** Null when the operator has no place in that workspace: then it does not exist for them. */
export function findWorkspace(session: Session, slug: string): CurrentWorkspace | null {
  if (slug === ALL_WORKSPACES) {
    if (session.user?.role !== "admin") return null;
    // An admin has the same rights in every workspace; a fresh installation may have none yet.
    const permissions = session.workspaces[0]?.permissions ?? ["backfills.see", "connections.health"];
    return { slug, id: null, name: "All workspaces", zone: null, role: "admin", permissions };
  }
  const found = session.workspaces.find((each) => each.slug === slug);
  if (!found) return null;
  const { workspaceId, name, timezone, role, permissions } = found;
  return { slug, id: workspaceId, name, zone: timezone, role, permissions };
}

/** The workspace a signed-in person starts in; null when they belong to none. */
export function decideStart(session: Session): string | null {
  if (session.user?.role === "admin") return ALL_WORKSPACES;
  return session.workspaces[0]?.slug ?? null;
}

/** Only below `/w/:workspace`, where the route has already checked that the workspace exists for this person. */
export function useWorkspace(): CurrentWorkspace {
  const { workspace } = useParams({ from: "/w/$workspace" });
  const found = findWorkspace(useSession(), workspace);
  if (!found) throw new Error("The workspace route renders only for members.");
  return found;
}

/** Hides what the server would refuse: `useMay("connections.manage")`. */
export function useMay(permission: Permission): boolean {
  return useWorkspace().permissions.includes(permission);
}

export type SignInResult = { ok: true } | { ok: false; reason: "rejected" | "too_many" | "unreachable" };

export async function signIn(email: string, password: string): Promise<SignInResult> {
  const response = await postAuth("sign-in/email", { email, password });
  if (!response) return { ok: false, reason: "unreachable" };
  if (response.ok) {
    queryClient.clear();
    return { ok: true };
  }
  if (response.status === 429) return { ok: false, reason: "too_many" };
  return { ok: false, reason: response.status < 500 ? "rejected" : "unreachable" };
}

/** Forgets everything read in this session, whether or not the server could be reached. */
export async function signOut(): Promise<void> {
  await postAuth("sign-out", {});
  queryClient.clear();
}

function postAuth(path: string, body: unknown): Promise<Response | null> {
  return fetch(`/api/auth/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  }).catch(() => null);
}
