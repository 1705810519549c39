import { TRPCError } from "@trpc/server";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { appRouter } from "#server/api/router.ts";
import type { SignedInUser } from "#server/auth/load-access.ts";
import type { WorkspaceRole } from "#server/auth/permissions.ts";
import { addDays } from "#server/lib/duration.ts";
import { setUpFakeProvider } from "#server/providers/testing/start-fake-provider.ts";
import {
  buildAppointment,
  buildLead,
  buildMembership,
  buildTask,
  buildUser,
  buildWorkspace,
} from "./factories.ts";
import { setUpTestServer } from "./start-test-server.ts";

const ROLES: WorkspaceRole[] = ["setter", "inbox_manager", "ops_lead", "owner", "admin"];

/** R42: the first role that may call it; `anyone` has signed in, `public` need not. */
const FROM: Record<string, WorkspaceRole | "anyone" | "public"> = {
  "session.me": "public",
  "live.events": "anyone",
  "mismatches.list": "inbox_manager",
  "mismatches.counts": "inbox_manager",
  "mismatches.get": "inbox_manager",
  "mismatches.decide": "inbox_manager",
  "mismatches.recheck": "inbox_manager",
  "mismatches.preview": "ops_lead",
  "mismatches.newer": "ops_lead",
  "mismatches.recheckSkipped": "ops_lead",
  "mismatches.commit": "ops_lead",
  "mismatches.undo": "inbox_manager",
  "mismatches.receipts": "inbox_manager",
  "mismatches.receipt": "inbox_manager",
  "mismatches.running": "inbox_manager",
  "redQueue.list": "setter",
  "redQueue.rows": "setter",
  "redQueue.get": "setter",
  "redQueue.claim": "setter",
  "redQueue.renew": "setter",
  "redQueue.release": "setter",
  "redQueue.claimNext": "setter",
  "redQueue.logOutcome": "setter",
  "redQueue.undoOutcome": "setter",
  "leads.list": "setter",
  "leads.get": "setter",
  "leads.incidents": "inbox_manager",
  "leads.search": "setter",
  "leads.checkNow": "setter",
  "leads.setAttendance": "setter",
  "backfills.list": "ops_lead",
  "backfills.running": "ops_lead",
  "backfills.sources": "ops_lead",
  "backfills.get": "ops_lead",
  "backfills.log": "ops_lead",
  "backfills.estimate": "owner",
  "backfills.start": "owner",
  "backfills.pause": "owner",
  "backfills.resume": "owner",
  "backfills.cancel": "owner",
  "backfills.retryFailed": "owner",
  "connections.list": "ops_lead",
  "connections.listAll": "admin",
  "connections.health": "ops_lead",
  "connections.manage": "owner",
  "connections.verifyCalendly": "owner",
  "connections.connectCalendly": "owner",
  "connections.connectHighLevel": "owner",
  "connections.rotateToken": "owner",
  "connections.chooseEventTypes": "owner",
  "connections.createWebhook": "owner",
  "connections.createWorkflowSecret": "owner",
  "connections.check": "owner",
  "connections.confirmDrop": "owner",
  "connections.testWebhook": "owner",
  "connections.disconnect": "owner",
  "connections.deliveries": "owner",
  "connections.delivery": "owner",
  "connections.reprocess": "owner",
  "unmatched.list": "inbox_manager",
  "unmatched.get": "inbox_manager",
  "unmatched.suggestions": "inbox_manager",
  "unmatched.link": "inbox_manager",
  "unmatched.unlink": "inbox_manager",
};

// Refuses every token at once: nobody waits for tries in vain.
const provider = setUpFakeProvider();
beforeEach(() => provider.reply({ status: 401, json: { message: "no" } }));
const server = setUpTestServer(() => ({ sandboxUrl: provider.origin }));
const users = new Map<string, SignedInUser>();
let slug = "";
let foreignSlug = "";
const known: Record<string, string> = {};

beforeAll(async () => {
  const workspace = await buildWorkspace(server.db);
  slug = workspace.slug;
  foreignSlug = (await buildWorkspace(server.db)).slug;
  const lead = await buildLead(server.db, {
    workspaceId: workspace.id,
    sentiment: "meeting_booked",
    status: "meeting_booked",
  });
  known.leadId = lead.id;
  known.taskId = (await buildTask(server.db, { leadId: lead.id })).id;
  const over = { leadId: lead.id, startAt: addDays(new Date(), -2), endAt: addDays(new Date(), -1) };
  known.appointmentId = (await buildAppointment(server.db, over)).id;
  for (const role of ROLES) {
    const { id, name, email } = await buildUser(server.db);
    if (role !== "admin") {
      await buildMembership(server.db, { workspaceId: workspace.id, userId: id, role });
    }
    users.set(role, { id, name, email, isAdmin: role === "admin", timezone: null });
  }
});

/** Its error's code; null where it answered. */
async function call(path: string, user: SignedInUser | null, input: unknown): Promise<string | null> {
  const caller = appRouter.createCaller({ deps: server.deps, user });
  const [area = "", name = ""] = path.split(".");
  // Every procedure, by a name that is only known here.
  const procedure = (
    caller as unknown as Record<string, Record<string, (input: unknown) => Promise<unknown>>>
  )[area]?.[name];
  try {
    await procedure?.(input);
    return null;
  } catch (error) {
    return error instanceof TRPCError ? error.code : "NO_TRPC_ERROR";
  }
}

const names = Object.keys(appRouter._def.procedures);
const ofWorkspaces = names.filter(
  (name) => !["session.me", "live.events", "connections.listAll"].includes(name),
);

it("has a place in this table", () => {
  expect(names.toSorted()).toEqual(Object.keys(FROM).sort());
});

it.each(names)("%s opens to nobody who has not signed in, unless it is meant to", async (name) => {
  expect(await call(name, null, { workspace: slug })).toBe(FROM[name] === "public" ? null : "UNAUTHORIZED");
});

it.each(ofWorkspaces)("%s does not find another workspace, whatever the role there", async (name) => {
  for (const [role, workspace] of [
    ["owner", foreignSlug],
    ["setter", foreignSlug],
    ["owner", "nowhere"],
    ["owner", "all"],
  ] as const) {
    expect([workspace, await call(name, users.get(role) ?? null, { workspace })]).toEqual([
      workspace,
      "NOT_FOUND",
    ]);
  }
});

it.each(names.filter((name) => FROM[name] !== "public" && FROM[name] !== "anyone"))(
  "%s opens to the roles of the table alone",
  async (name) => {
    const first = ROLES.indexOf(FROM[name] as WorkspaceRole); // filtered above
    for (const [at, role] of ROLES.entries()) {
      const code = await call(name, users.get(role) ?? null, { workspace: slug });
      expect([role, code === "FORBIDDEN"]).toEqual([role, at < first]);
    }
  },
);

describe("what nobody sensible sends", () => {
  type Field = {
    type?: string;
    format?: string;
    enum?: unknown[];
    const?: unknown;
    items?: Field;
    anyOf?: Field[];
  };
  type Shape = { properties?: Record<string, Field>; allOf?: Shape[] };

  function fieldsOf(name: string): Record<string, Field> {
    const procedure = appRouter._def.procedures[
      name as keyof typeof appRouter._def.procedures
    ] as unknown as {
      _def: { inputs: z.ZodType[] };
    };
    const shapes = procedure._def.inputs.map(
      (schema) => z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Shape,
    );
    return Object.assign(
      {},
      ...shapes.flatMap((shape) => [shape, ...(shape.allOf ?? [])]).map((s) => s.properties),
    );
  }

  /** Something that the field may well be: what exists, where it names something. */
  function usual(field: Field, key = ""): unknown {
    if (key in known) return known[key];
    const [first] = field.anyOf ?? [field];
    if (first?.const !== undefined) return first.const;
    if (first?.enum) return first.enum[0];
    switch (first?.type) {
      case "string":
        if (first.format === "uuid") return crypto.randomUUID();
        if (first.format === "date-time") return "2026-03-11T09:00:00Z";
        return first.format === "date" ? "2026-03-01" : "words";
      case "integer":
      case "number":
        return 1;
      case "boolean":
        return true;
      case "array":
        return [usual(first.items ?? {})];
      default:
        return {};
    }
  }

  const HOSTILE: Record<string, unknown[]> = {
    string: [
      "",
      "a\u0000b",
      "\ud800",
      "%_\\'\";--",
      "x".repeat(50_000),
      "0000-01-01",
      "9999-12-31",
      "0000-01-01T00:00:00Z",
      "9999-12-31T23:59:59.999Z",
      Buffer.from('["0000-01-01T00:00:00Z","00000000-0000-4000-8000-000000000000"]').toString("base64url"),
    ],
    number: [-1, 0, 2 ** 31, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 1.5, Number.NaN],
    array: [[], [null], ["a\u0000b"], Array.from({ length: 201 }, () => crypto.randomUUID())],
    other: [null, {}, { ids: ["00000000-0000-4000-8000-000000000000"] }],
  };

  /** What fits its type is what gets past the first look. */
  function hostile(field: Field): unknown[] {
    const types = (field.anyOf ?? [field]).map(({ type }) =>
      type === "integer" ? "number" : (type ?? "other"),
    );
    return [...types.flatMap((type) => HOSTILE[type] ?? []), ...(HOSTILE.other ?? [])];
  }

  it.each(ofWorkspaces)("is no fault of ours: %s", async (name) => {
    const fields = Object.entries(fieldsOf(name)).filter(([key]) => key !== "workspace");
    const base = {
      workspace: slug,
      ...Object.fromEntries(fields.map(([key, field]) => [key, usual(field, key)])),
    };
    const owner = users.get("owner") ?? null;
    const faults: unknown[] = [];
    for (const [key, field] of fields) {
      for (const value of hostile(field)) {
        const code = await call(name, owner, { ...base, [key]: value });
        if (code === "INTERNAL_SERVER_ERROR" || code === "NO_TRPC_ERROR") {
          faults.push({ [key]: typeof value === "string" ? value.slice(0, 40) : value });
        }
      }
    }
    expect(faults).toEqual([]);
  });
});
