import { Router } from "express";
import type { Deps } from "#server/deps.ts";
import { createAdminRouter } from "./admin/create-admin-router.ts";
import { createCronRouter } from "./cron/create-cron-router.ts";
import { createIntegrationApi } from "./v1/create-integration-api.ts";

/** The doors for programs: a customer's own, the operator of this instance, and an external clock. */
export function createRestRouter(deps: Deps): Router {
  const router = Router();
  router.use("/v1", createIntegrationApi(deps));
  router.use("/cron", createCronRouter(deps));
  router.use("/admin", createAdminRouter(deps));
  return router;
}
