import { Router } from "express";
import { SYSTEM } from "#server/audit/actor.ts";
import type { Deps } from "#server/deps.ts";
import { AppError } from "#server/lib/errors.ts";
import { provisionWorkspace } from "#server/provisioning/provision-workspace.ts";
import { provisioningInput } from "#server/provisioning/provisioning-input.ts";
import { requireSecret } from "../bearer.ts";
import { createEndpoints } from "../endpoint.ts";
import { readBody, readQuery } from "../read-input.ts";
import { readJson } from "../read-json.ts";
import { acceptBody, acceptMismatches } from "./accept-mismatches.ts";
import { reportMismatches, reportQuery } from "./report-mismatches.ts";

/** The door of whoever runs this instance. Without `ADMIN_API_KEY` it is not there. */
export function createAdminRouter(deps: Deps): Router {
  const router = Router();
  router.use((req, _res, next) => {
    const { adminApiKey } = deps.config;
    if (adminApiKey === null) throw new AppError("not_found", "There is no such endpoint.");
    requireSecret(req.headers, adminApiKey);
    next();
  });
  router.use(readJson());
  const endpoint = createEndpoints<null>(deps, { callerOf: () => null, scopeOf: () => "instance" });

  router.post(
    "/workspaces",
    endpoint(async ({ body }) => {
      const answer = await provisionWorkspace(
        deps,
        { ...SYSTEM, kind: "api" },
        readBody(provisioningInput, body),
      );
      return { status: answer.existed || answer.dryRun ? 200 : 201, body: answer };
    }),
  );
  router.get(
    "/appointment-mismatches",
    endpoint(async ({ query }) => ({
      status: 200,
      body: await reportMismatches(deps, readQuery(reportQuery, query)),
    })),
  );
  router.post(
    "/appointment-mismatches",
    endpoint(({ body }) => acceptMismatches(deps, readBody(acceptBody, body))),
  );
  return router;
}
