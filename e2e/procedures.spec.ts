import { appRouter } from "#server/api/router.ts";
import { askProcedure } from "./ask-procedure.ts";
import { emailOf, type Person } from "./demo-people.ts";
import { type ForeignIds, PROCEDURE_RIGHTS, type Rights, WITHOUT_WORKSPACE } from "./procedure-rights.ts";
import { openServerApi } from "./server-api.ts";
import { expect, test } from "./test.ts";

const ROLES = ["setter", "inbox", "ops", "owner", "admin"] as const;
const api = openServerApi();
let ids: ForeignIds;

test.beforeAll(async () => {
  ids = await findHarborIds();
});

test("every procedure has a line in the table of rights", () => {
  const known = [...Object.keys(PROCEDURE_RIGHTS), ...WITHOUT_WORKSPACE].sort();
  expect(Object.keys(appRouter._def.procedures).sort()).toEqual(known);
});

test("strangers are told to sign in", async () => {
  for (const [path, rights] of Object.entries(PROCEDURE_RIGHTS)) {
    expect.soft(await ask("stranger", path, rights), path).toBe("UNAUTHORIZED");
  }
  expect(await readStream()).toContain('"UNAUTHORIZED"');
});

for (const role of ROLES) {
  test(`${role} gets what the role gives and nothing of another workspace`, async () => {
    for (const [path, rights] of Object.entries(PROCEDURE_RIGHTS)) {
      const expected = rights.may.includes(role) ? rights.answer : "FORBIDDEN";
      expect.soft(await ask(role, path, rights), path).toBe(expected);
    }
  });
}

test("a workspace that one does not belong to does not exist", async () => {
  const { slug } = await api.addWorkspace({ name: "Elsewhere", userEmail: emailOf("ana") });
  for (const [path, rights] of Object.entries(PROCEDURE_RIGHTS)) {
    if (path === "connections.listAll") continue;
    for (const role of ["setter", "inbox", "ops", "owner"] as const) {
      expect
        .soft(await ask(role, path, { ...rights, workspace: slug }), `${role}, ${path}`)
        .toBe("NOT_FOUND");
    }
    expect.soft(await ask("admin", path, { ...rights, workspace: "nowhere" }), path).toBe("NOT_FOUND");
  }
});

async function ask(who: Person | "stranger", path: string, rights: Rights): Promise<string> {
  const input = { workspace: rights.workspace ?? "northwind", ...rights.input?.(ids) };
  return (await askProcedure(who, path, input)).code;
}

/** The live stream of somebody without a session: it says why, and ends. */
async function readStream(): Promise<string> {
  const input = encodeURIComponent(JSON.stringify({ workspace: "northwind" }));
  const stream = await fetch(`${process.env.E2E_URL}/api/trpc/live.events?input=${input}`);
  return stream.text();
}

/** What an admin sees in Harbor Labs. Nothing was delivered there yet, so the delivery is of nobody. */
async function findHarborIds(): Promise<ForeignIds> {
  const read = async <T>(path: string, input: object): Promise<T> => {
    const { data } = await askProcedure("admin", path, { workspace: "harbor", ...input });
    // The fields named below are those that the procedures promise.
    return data as T;
  };
  type Rows<T> = { rows: T[] };
  const tasks = await read<Rows<{ id: string; lead: { id: string } }>>("redQueue.list", { view: "all" });
  const [task] = tasks.rows;
  const leadId = task?.lead.id ?? "";
  const lead = await read<{ appointments: { id: string }[] }>("leads.get", { leadId });
  const connections = await read<Rows<{ id: string }>>("connections.list", {});
  const backfills = await read<Rows<{ id: string }>>("backfills.list", {});
  const receipts = await read<Rows<{ id: string }>>("mismatches.receipts", {});
  const found = {
    taskId: task?.id,
    leadId,
    appointmentId: lead.appointments[0]?.id,
    connectionId: connections.rows[0]?.id,
    deliveryId: leadId,
    backfillId: backfills.rows[0]?.id,
    receiptId: receipts.rows[0]?.id ?? leadId,
  };
  for (const [name, id] of Object.entries(found)) expect(id, name).toMatch(/^[0-9a-f-]{36}$/);
  // Each was just found to be an id.
  return found as ForeignIds;
}
