import { randomUUID } from "node:crypto";

/** What the tests read of a row; the API promises more. */
export type LeadRow = {
  id: string;
  email: string;
  status: string;
  sentiment: string;
  sentimentAt: string;
  booked: boolean;
  meeting: { state: string; source: string | null; asOf: string | null };
  mismatch: { kind: number; cause: string } | null;
};
export type TaskRow = {
  id: string;
  type: string;
  status: string;
  red: "lost" | "moved" | null;
  closedReason: string | null;
};
type Page<Row> = { rows: Row[]; next: string | null };

/** The integration API with the instance's key, as a customer's program would call it; a workspace is named by its slug. */
export function openServerApi(url = process.env.E2E_URL ?? "", adminKey = process.env.E2E_ADMIN_KEY ?? "") {
  const call = <T>(workspace: string, method: string, path: string, body?: unknown) =>
    send<T>(method, `/api/v1/${path}`, body, { "x-workspace-id": workspace });

  async function send<T>(
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<T> {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    // The caller names the shape that this path promises.
    return answer as T;
  }

  return {
    call,
    /** A workspace of this test alone; it has nothing but its owner. */
    async addWorkspace(
      input: {
        name: string;
        userEmail: string;
        setterEmails?: string[];
        inboxManagerEmails?: string[];
        calendlyAccessToken?: string;
      },
      suffix = ` ${randomUUID().slice(0, 8)}`,
    ): Promise<{ id: string; slug: string }> {
      const name = `${input.name}${suffix}`;
      const made = await send<{ workspaceId: string }>("POST", "/api/admin/workspaces", { ...input, name });
      // The address is made of the name.
      return { id: made.workspaceId, slug: name.toLowerCase().replaceAll(" ", "-") };
    },
    /** A lead of this test alone, with its id. */
    async addLead(workspace: string, lead: Record<string, unknown> & { email: string }): Promise<LeadRow> {
      await call(workspace, "POST", "leads", { leads: [lead] });
      const { rows } = await call<Page<LeadRow>>(
        workspace,
        "GET",
        `leads?email=${encodeURIComponent(lead.email)}`,
      );
      if (!rows[0]) throw new Error(`${lead.email} was not kept`);
      return rows[0];
    },
    getLead: (workspace: string, id: string) =>
      call<LeadRow & { tasks: TaskRow[]; instances: unknown[]; appointments: unknown[] }>(
        workspace,
        "GET",
        `leads/${id}`,
      ),
    /** Every row of a list, page by page. */
    async list<Row>(workspace: string, path: string): Promise<Row[]> {
      const rows: Row[] = [];
      let next: string | null = null;
      do {
        const page: Page<Row> = await call(
          workspace,
          "GET",
          `${path}${path.includes("?") ? "&" : "?"}limit=500${next ? `&cursor=${encodeURIComponent(next)}` : ""}`,
        );
        rows.push(...page.rows);
        next = page.next;
      } while (next !== null);
      return rows;
    },
  };
}
