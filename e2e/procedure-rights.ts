import type { Person } from "./demo-people.ts";

/** Things of Harbor Labs, asked for in Northwind Growth: nobody may reach them there. */
export type ForeignIds = {
  taskId: string;
  leadId: string;
  appointmentId: string;
  connectionId: string;
  deliveryId: string;
  backfillId: string;
  receiptId: string;
};

export type Rights = {
  /** Who the table of roles lets in (R42). */
  may: readonly Person[];
  /** What those get for `input`: an id from elsewhere is not found, for them too. */
  answer: "OK" | "NOT_FOUND" | "CONFLICT" | "BAD_REQUEST";
  input?: (ids: ForeignIds) => Record<string, unknown>;
  /** Instead of Northwind, where the call must not disturb other tests. */
  workspace?: string;
};

const EVERYONE = ["setter", "inbox", "ops", "owner", "admin"] as const;
const INBOX_AND_UP = ["inbox", "ops", "owner", "admin"] as const;
const OPS_AND_UP = ["ops", "owner", "admin"] as const;
const OWNER_AND_UP = ["owner", "admin"] as const;

type Input = Rights["input"];

const ok = (may: Rights["may"], input?: Input): Rights => ({
  may,
  answer: "OK",
  ...(input ? { input } : {}),
});
const foreign = (may: Rights["may"], input: NonNullable<Input>): Rights => ({
  may,
  answer: "NOT_FOUND",
  input,
});

const task: Input = ({ taskId }) => ({ taskId });
const seenTask: Input = ({ taskId }) => ({ taskId, version: 1 });
const lead: Input = ({ leadId }) => ({ leadId });
const appointment: Input = ({ appointmentId }) => ({ appointmentId });
const connection: Input = ({ connectionId }) => ({ connectionId });
const backfill: Input = ({ backfillId }) => ({ id: backfillId });
const receipt: Input = ({ receiptId }) => ({ receiptId });
const token = "00000000-0000-4000-8000-000000000000";

/** Every procedure that has a workspace. One without a line here fails the test. */
export const PROCEDURE_RIGHTS: Record<string, Rights> = {
  "redQueue.list": ok(EVERYONE, () => ({ view: "unclaimed" })),
  "redQueue.rows": ok(EVERYONE, ({ taskId }) => ({ ids: [taskId] })),
  "redQueue.get": foreign(EVERYONE, task),
  "redQueue.claim": foreign(EVERYONE, seenTask),
  "redQueue.renew": foreign(EVERYONE, task),
  "redQueue.release": foreign(EVERYONE, task),
  "redQueue.claimNext": { ...ok(EVERYONE), workspace: "lumen" },
  "redQueue.logOutcome": foreign(EVERYONE, ({ taskId }) => ({ taskId, version: 1, outcome: "no_answer" })),
  "redQueue.undoOutcome": foreign(EVERYONE, task),

  "leads.list": ok(EVERYONE),
  "leads.get": foreign(EVERYONE, lead),
  "leads.incidents": ok(INBOX_AND_UP),
  "leads.search": ok(EVERYONE, () => ({ q: "dana" })),
  "leads.checkNow": foreign(EVERYONE, lead),
  "leads.setAttendance": foreign(EVERYONE, ({ appointmentId }) => ({ appointmentId, mark: "showed" })),

  "mismatches.list": ok(INBOX_AND_UP, () => ({ tab: "1", sort: { by: "age", direction: "desc" } })),
  "mismatches.counts": ok(INBOX_AND_UP, () => ({ tab: "1" })),
  "mismatches.get": foreign(INBOX_AND_UP, lead),
  "mismatches.decide": foreign(INBOX_AND_UP, ({ leadId }) => ({ leadId, version: 1, decision: "accept" })),
  "mismatches.recheck": foreign(INBOX_AND_UP, lead),
  // Of a list of ids, those from elsewhere are not there; nothing is left to decide.
  "mismatches.preview": {
    may: OPS_AND_UP,
    answer: "BAD_REQUEST",
    input: ({ leadId }) => ({ scope: { ids: [leadId], filter: { tab: "1" } } }),
  },
  "mismatches.newer": foreign(OPS_AND_UP, () => ({ token })),
  "mismatches.recheckSkipped": foreign(OPS_AND_UP, () => ({ token })),
  "mismatches.commit": foreign(OPS_AND_UP, () => ({ token, idempotencyKey: token })),
  "mismatches.undo": foreign(INBOX_AND_UP, receipt),
  "mismatches.receipts": ok(INBOX_AND_UP),
  "mismatches.receipt": foreign(INBOX_AND_UP, receipt),
  "mismatches.running": ok(INBOX_AND_UP),

  "unmatched.list": ok(INBOX_AND_UP),
  "unmatched.get": foreign(INBOX_AND_UP, appointment),
  // Of a list of ids, those from elsewhere are not there.
  "unmatched.suggestions": ok(INBOX_AND_UP, ({ appointmentId }) => ({ appointmentIds: [appointmentId] })),
  "unmatched.link": foreign(INBOX_AND_UP, ({ appointmentId, leadId }) => ({ appointmentId, leadId })),
  "unmatched.unlink": foreign(INBOX_AND_UP, appointment),

  "backfills.list": ok(OPS_AND_UP),
  "backfills.running": ok(OPS_AND_UP),
  "backfills.sources": ok(OPS_AND_UP),
  "backfills.get": foreign(OPS_AND_UP, backfill),
  "backfills.log": foreign(OPS_AND_UP, backfill),
  "backfills.estimate": ok(OWNER_AND_UP, () => ({
    providers: ["highlevel"],
    from: "2026-01-01",
    to: "2026-01-02",
  })),
  "backfills.start": {
    may: OWNER_AND_UP,
    answer: "CONFLICT",
    input: () => ({ providers: ["highlevel"], from: "2026-01-01", to: "2026-01-02" }),
  },
  "backfills.pause": foreign(OWNER_AND_UP, backfill),
  "backfills.resume": foreign(OWNER_AND_UP, backfill),
  "backfills.cancel": foreign(OWNER_AND_UP, backfill),
  "backfills.retryFailed": foreign(OWNER_AND_UP, backfill),

  "connections.list": ok(OPS_AND_UP),
  "connections.listAll": ok(["admin"]),
  "connections.health": foreign(OPS_AND_UP, connection),
  "connections.manage": foreign(OWNER_AND_UP, connection),
  "connections.verifyCalendly": ok(OWNER_AND_UP, () => ({ token: "not-a-token" })),
  "connections.connectCalendly": {
    ...ok(OWNER_AND_UP, () => ({ token: "not-a-token" })),
    workspace: "lumen",
  },
  "connections.connectHighLevel": ok(OWNER_AND_UP, () => ({ token: "not-a-token", locationId: "nowhere" })),
  "connections.rotateToken": foreign(OWNER_AND_UP, ({ connectionId }) => ({
    connectionId,
    token: "not-a-token",
  })),
  "connections.chooseEventTypes": foreign(OWNER_AND_UP, ({ connectionId }) => ({
    connectionId,
    selected: ["one"],
    includeNew: true,
  })),
  "connections.createWebhook": foreign(OWNER_AND_UP, ({ connectionId }) => ({
    connectionId,
    takeOver: false,
  })),
  "connections.createWorkflowSecret": foreign(OWNER_AND_UP, connection),
  "connections.check": foreign(OWNER_AND_UP, connection),
  "connections.confirmDrop": foreign(OWNER_AND_UP, connection),
  "connections.testWebhook": { ...ok(OWNER_AND_UP), workspace: "lumen" },
  "connections.disconnect": foreign(OWNER_AND_UP, connection),
  "connections.deliveries": foreign(OWNER_AND_UP, connection),
  "connections.delivery": foreign(OWNER_AND_UP, ({ deliveryId }) => ({ deliveryId })),
  "connections.reprocess": foreign(OWNER_AND_UP, ({ deliveryId }) => ({ deliveryId })),
};

/** Whoever asks: who is signed in, and what changes where they may look. */
export const WITHOUT_WORKSPACE = ["session.me", "live.events"];
