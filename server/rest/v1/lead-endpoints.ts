import { z } from "zod";
import type { Deps } from "#server/deps.ts";
import { leadInputSchema } from "#server/leads/lead-input.ts";
import { upsertLeads } from "#server/leads/upsert-leads.ts";
import { lookUpLead } from "#server/reconcile/look-up-lead.ts";
import { readId } from "../read-input.ts";
import { checkedLead, lead, leadDetail, listOf, upserted } from "./answers.ts";
import type { ApiRoutes } from "./api-routes.ts";
import { leadQuery, listLeads } from "./list-leads.ts";
import { findLeadRow, loadLeadDetail } from "./load-lead-detail.ts";

/** Each lead is checked on its own, so that one that does not fit names itself and stops no other. */
const upsertBody = z.strictObject({ leads: z.array(z.unknown()) });

export function addLeadEndpoints(routes: ApiRoutes, deps: Deps): void {
  routes.post(
    "/leads",
    {
      summary: "Create and update leads by e-mail or externalId, up to 5,000 at once",
      body: upsertBody,
      describedBody: z.strictObject({ leads: z.array(leadInputSchema).max(5_000) }),
      answers: { 200: "Counts, and the items that did not fit, each with its index and code" },
      answer: upserted,
    },
    async ({ caller, body }) => {
      const options = { actor: caller.actor, source: "import" as const };
      return { status: 200, body: await upsertLeads(deps, caller.workspaceId, body.leads, options) };
    },
  );

  routes.get(
    "/leads",
    {
      summary: "Leads with their evidence",
      query: leadQuery,
      answers: { 200: "Leads" },
      answer: listOf(lead),
    },
    async ({ caller, query }) => ({ status: 200, body: await listLeads(deps, caller.workspaceId, query) }),
  );

  routes.get(
    "/leads/:id",
    {
      summary: "One lead with its appointments, history, tasks, instances and aliases",
      answers: { 200: "The lead" },
      answer: leadDetail,
    },
    async ({ caller, params }) => {
      const leadId = readId(params.id, "Lead");
      return { status: 200, body: await loadLeadDetail(deps, caller.workspaceId, leadId) };
    },
  );

  routes.post(
    "/leads/:id/check",
    {
      summary: "Look this lead up at its providers now",
      answers: { 200: "The fresh lead, and how many calls it took" },
      answer: checkedLead,
    },
    async ({ caller, params }) => {
      const leadId = readId(params.id, "Lead");
      await findLeadRow(deps, caller.workspaceId, leadId);
      const { calls } = await lookUpLead(deps, leadId, { priority: "live" });
      return { status: 200, body: { ...(await findLeadRow(deps, caller.workspaceId, leadId)), calls } };
    },
  );
}
