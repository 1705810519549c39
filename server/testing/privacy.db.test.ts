import { Writable } from "node:stream";
import { beforeAll, describe, expect, it } from "vitest";
import { SYSTEM } from "#server/audit/actor.ts";
import { createApiKey } from "#server/auth/api-keys.ts";
import { copyLogsTo, createLog } from "#server/lib/log.ts";
import { buildConnection, buildLead, buildWorkspace } from "./factories.ts";
import { createLeakFinder } from "./find-leaks.ts";
import { setUpTestServer } from "./start-test-server.ts";

// R43 where it is hardest: everything fails at once, and every failure quotes the person whom it is about. What the
// whole suite logged is looked through afterwards (`npm run test:privacy`).

const lines: string[] = [];
copyLogsTo(
  new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  }),
);

const server = setUpTestServer();
const PERSON = {
  email: "maya.okafor@ridgeline.example",
  firstName: "Maya",
  lastName: "Okafor",
  phone: "+1 312 555 0142",
};
const TEXT = "Something came up, can we move it?";
let key: string;
let token: string;
let workspaceId: string;

beforeAll(async () => {
  ({ id: workspaceId } = await buildWorkspace(server.db));
  ({ key } = await createApiKey(server.deps, SYSTEM, { workspaceId, name: "CRM" }));
  token = "calendly-token-of-maya";
  await buildLead(server.db, { workspaceId, ...PERSON, externalId: "c-1" });
  // PostgreSQL quotes rows in the details of its errors; this one says it all.
  await server.db.$executeRawUnsafe(`
    CREATE FUNCTION tell_all() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'row of % %', to_jsonb(NEW), '${TEXT}'
        USING DETAIL = 'Key (email)=(${PERSON.email}) already exists.', HINT = '${PERSON.phone}', COLUMN = '${PERSON.email}';
    END $$`);
  for (const table of ["Lead", "Session", "Message", "WebhookDelivery"]) {
    await server.db.$executeRawUnsafe(
      `CREATE TRIGGER tell_all BEFORE INSERT OR UPDATE ON "${table}" FOR EACH ROW EXECUTE FUNCTION tell_all()`,
    );
  }
});

function findLeaks() {
  const { email, lastName, phone } = PERSON;
  return createLeakFinder([email, lastName, phone, TEXT, token, key])(lines.join(""));
}

async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${server.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

describe("the log of a failure", () => {
  it("of a request says where it failed, and nothing of whom it was about", async () => {
    const before = lines.length;
    const { status, text } = await post(
      "/api/v1/leads",
      { leads: [{ ...PERSON, externalId: "c-2" }] },
      { authorization: `Bearer ${key}` },
    );
    expect(status).toBe(500);
    expect(text).not.toContain("Okafor");
    expect(lines.slice(before).join("")).toContain("request failed");
    expect(findLeaks()).toEqual([]);
  });

  it("of a message, a sign-in, a webhook and a body that is no JSON neither", async () => {
    const message = {
      externalId: "m-1",
      leadExternalId: "c-1",
      direction: "inbound",
      at: "2026-03-10T14:00:00Z",
    };
    const authorization = { authorization: `Bearer ${key}` };
    await post("/api/v1/messages", { messages: [{ ...message, text: TEXT }] }, authorization);
    await post("/api/v1/leads", `{"leads": [{"email": "${PERSON.email}"`, authorization);
    await post("/api/auth/sign-in/email", { email: PERSON.email, password: token });
    const { id } = await buildConnection(server.db, { workspaceId, provider: "calendly" });
    expect(id).toBeTruthy();
    await post(
      `/api/webhooks/calendly/${workspaceId}`,
      { payload: PERSON },
      {
        "calendly-webhook-signature": `t=1,v1=${token}`,
      },
    );
    await post("/api/trpc/leads.list", { workspace: PERSON.email, q: PERSON.lastName });
    expect(findLeaks()).toEqual([]);
  });

  it("of a job says which and no more", async () => {
    const before = lines.length;
    const failed = new Promise<void>((resolve) => {
      void server.deps.queue.work("look-up-lead", { concurrency: 1 }, () => {
        resolve();
        return Promise.reject(new Error(`${PERSON.email} did not answer: ${TEXT}`, { cause: PERSON }));
      });
    });
    await server.deps.queue.send("look-up-lead", { leadId: workspaceId }, { key: workspaceId });
    await failed;
    await expect.poll(() => lines.slice(before).join("")).toContain("job failed");
    expect(findLeaks()).toEqual([]);
  });
});

describe("the second lock", () => {
  it("keeps back what somebody logs by the names of its fields", () => {
    const log = createLog("silent");
    log.error({ lead: PERSON, ...PERSON, token, body: { text: TEXT } }, "careless");
    expect(lines.at(-1)).toContain("careless");
    expect(findLeaks()).toEqual([]);
  });

  it("keeps an error's message back wherever it stands", () => {
    const log = createLog("silent");
    log.error(Object.assign(new Error(PERSON.email), { detail: TEXT, values: [PERSON.phone] }));
    log.warn({ err: new Error(TEXT) }, "careless");
    expect(findLeaks()).toEqual([]);
  });
});

it("would be found out: what a log says of a person is seen", () => {
  lines.push(`{"msg":"${PERSON.email}"}\n`);
  expect(findLeaks()).toMatchObject([{ kind: "an e-mail address" }]);
});
