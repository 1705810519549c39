import type { Router } from "express";
import { z } from "zod";
import type { Deps } from "#server/deps.ts";
import { upsertLeads } from "#server/leads/upsert-leads.ts";
import { lookUpLead } from "#server/reconcile/look-up-lead.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Caller } from "../find-caller.ts";
import { readBody, readId, readQuery } from "../read-input.ts";
import { leadQuery, listLeads } from "./list-leads.ts";
import { findLeadRow, loadLeadDetail } from "./load-lead-detail.ts";

/** Each lead is checked on its own, so that one that does not fit names itself and stops no other. */
const upsertBody = z.strictObject({ leads: z.array(z.unknown()) });

const noQuery = z.object({});

export function addLeadEndpoints(router: Router, deps: Deps, endpoint: Endpoint<Caller>): void {
  router.post(
    "/leads",
    endpoint(async ({ caller, query, body }) => {
      readQuery(noQuery, query);
      const { leads } = readBody(upsertBody, body);
      const options = { actor: caller.actor, source: "import" as const };
      return { status: 200, body: await upsertLeads(deps, caller.workspaceId, leads, options) };
    }),
  );

  router.get(
    "/leads",
    endpoint(async ({ caller, query }) => ({
      status: 200,
      body: await listLeads(deps, caller.workspaceId, readQuery(leadQuery, query)),
    })),
  );

  router.get(
    "/leads/:id",
    endpoint(async ({ caller, params, query }) => {
      readQuery(noQuery, query);
      const leadId = readId(params.id, "Lead");
      return { status: 200, body: await loadLeadDetail(deps, caller.workspaceId, leadId) };
    }),
  );

  router.post(
    "/leads/:id/check",
    endpoint(async ({ caller, params, query }) => {
      readQuery(noQuery, query);
      const leadId = readId(params.id, "Lead");
      await findLeadRow(deps, caller.workspaceId, leadId);
      const { calls } = await lookUpLead(deps, leadId, { priority: "live" });
      return { status: 200, body: { ...(await findLeadRow(deps, caller.workspaceId, leadId)), calls } };
    }),
  );
}
