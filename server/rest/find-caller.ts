import type { IncomingHttpHeaders } from "node:http";
import type { Actor } from "#server/audit/actor.ts";
import { findApiKey } from "#server/auth/api-keys.ts";
import type { Deps } from "#server/deps.ts";
import { AppError, notFound } from "#server/lib/errors.ts";
import { isSameSecret } from "#server/lib/secrets.ts";
import { readBearer, unauthorized } from "./bearer.ts";
import { findWorkspace } from "./find-workspace.ts";

/** Who calls, and for which workspace: every query of the call filters by it. */
export type Caller = {
  workspaceId: string;
  actor: Actor;
  /** Holds the instance's key, which alone may speak of several workspaces. */
  isAdmin: boolean;
};

/**
 * A workspace's own key, or the instance's `ADMIN_API_KEY` with `X-Workspace-Id` (id or slug). A workspace key cannot
 * name another workspace: it is not found, as any foreign id.
 */
export async function findCaller(
  deps: Pick<Deps, "db" | "clock" | "config">,
  headers: IncomingHttpHeaders,
): Promise<Caller> {
  const key = readBearer(headers);
  if (key === null) throw unauthorized();
  const named = headers["x-workspace-id"]?.toString().trim() || null;
  const { adminApiKey } = deps.config;
  if (adminApiKey !== null && isSameSecret(key, adminApiKey)) {
    if (named === null) {
      throw new AppError("workspace_required", "With this key, X-Workspace-Id names the workspace.", {
        status: 400,
      });
    }
    return { workspaceId: await findWorkspace(deps, named), actor: { kind: "api", id: null }, isAdmin: true };
  }
  const owner = await findApiKey(deps, key);
  if (!owner) throw unauthorized();
  if (named !== null && (await findWorkspace(deps, named)) !== owner.workspaceId) throw notFound("Workspace");
  return { workspaceId: owner.workspaceId, actor: { kind: "api", id: owner.id }, isAdmin: false };
}
