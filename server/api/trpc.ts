import { initTRPC, TRPCError } from "@trpc/server";
import { z } from "zod";
import { findAccess, type SignedInUser } from "#server/auth/load-access.ts";
import { mayDo, type Permission } from "#server/auth/permissions.ts";
import { databaseAway, isDatabaseAway } from "#server/db/database-faults.ts";
import type { Deps } from "#server/deps.ts";
import { AppError, forbidden, notFound } from "#server/lib/errors.ts";
import { findUnstorable } from "#server/lib/storable.ts";

export type ApiContext = { deps: Deps; user: SignedInUser | null };

const TRPC_CODE: Record<number, TRPCError["code"]> = {
  400: "BAD_REQUEST",
  401: "UNAUTHORIZED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  409: "CONFLICT",
  413: "PAYLOAD_TOO_LARGE",
  429: "TOO_MANY_REQUESTS",
  502: "BAD_GATEWAY",
  503: "SERVICE_UNAVAILABLE",
};

const t = initTRPC.context<ApiContext>().create({
  sse: { ping: { enabled: true, intervalMs: 5_000 }, client: { reconnectAfterInactivityMs: 12_000 } },
  errorFormatter({ shape, error }) {
    const known = error.cause instanceof AppError ? error.cause : null;
    const isInput = error.code === "BAD_REQUEST" && error.cause instanceof z.ZodError;
    return {
      ...shape,
      message: known?.message ?? (isInput ? "This request does not fit." : plainMessage(error.code)),
      data: {
        code: shape.data.code,
        httpStatus: shape.data.httpStatus,
        appCode: known?.code ?? (isInput ? "bad_request" : error.code.toLowerCase()),
        details: known?.details ?? (isInput ? describeIssues(error.cause) : undefined),
      },
    };
  },
});

/** The one translator of errors (style: procedures have no try/catch). Surprises go to the log, by type and stack only. */
const translateErrors = t.middleware(async ({ ctx, path, next }) => {
  const result = await next();
  if (result.ok) return result;
  const thrown = result.error.cause;
  const cause = isDatabaseAway(thrown) ? databaseAway(thrown) : thrown;
  if (cause instanceof AppError) {
    throw new TRPCError({
      code: TRPC_CODE[cause.status] ?? "INTERNAL_SERVER_ERROR",
      message: cause.message,
      cause,
    });
  }
  if (result.error.code === "INTERNAL_SERVER_ERROR")
    ctx.deps.log.error({ err: cause, path }, "procedure failed");
  return result;
});

/** Texts that no database keeps would fail anywhere below, as a fault of ours. */
const refuseUnstorable = t.middleware(async ({ getRawInput, next }) => {
  const path = findUnstorable(await getRawInput());
  if (path === null) return next();
  throw new AppError("bad_request", `${path.join(".")} has a character that cannot be kept.`);
});

export const router = t.router;
export const publicProcedure = t.procedure.use(translateErrors).use(refuseUnstorable);

export const signedInProcedure = publicProcedure.use(({ ctx, next }) => {
  if (!ctx.user) throw new AppError("unauthorized", "Sign in first.");
  return next({ ctx: { ...ctx, user: ctx.user } });
});

export const adminProcedure = signedInProcedure.use(({ ctx, next }) => {
  if (!ctx.user.isAdmin) throw forbidden();
  return next();
});

const workspaceInput = z.object({ workspace: z.string().min(1).max(100) });

/**
 * A procedure inside one workspace, named by its slug. Checks membership first and the permission second, so that a
 * foreign workspace answers not found and never forbidden (R42). `ctx.access.workspaceId` goes into every query.
 */
export function workspaceProcedure(permission: Permission) {
  return signedInProcedure.input(workspaceInput).use(async ({ ctx, input, next }) => {
    const access = await findAccess(ctx.deps.db, ctx.user, input.workspace);
    if (!access) throw notFound("Workspace");
    if (!mayDo(access.role, permission)) throw forbidden();
    return next({ ctx: { ...ctx, access } });
  });
}

function plainMessage(code: string): string {
  return code === "INTERNAL_SERVER_ERROR"
    ? "The server could not do this. Nothing was changed."
    : "This request was refused.";
}

function describeIssues(error: unknown) {
  return error instanceof z.ZodError
    ? error.issues.map((issue) => ({ path: issue.path.join("."), message: issue.message }))
    : undefined;
}
