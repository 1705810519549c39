import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type OpenSandbox, openReceiver, openSandbox } from "../testing/open-sandbox.ts";

const NOW = "2026-11-20T10:00:00Z";
const START = "2026-11-25T16:00:00Z";

async function open(post: (sandbox: OpenSandbox, url: string) => Promise<unknown>) {
  const sandbox = await openSandbox({ now: NOW });
  const receiver = await openReceiver();
  const { body: location } = await sandbox.control("POST", "/highlevel/locations", {
    name: "Northwind",
    timezone: "America/Chicago",
    token: "pit-northwind",
    calendars: [{ name: "Discovery" }],
    contacts: [{ id: "contact1", firstName: "Maya", lastName: "Okafor", email: "maya@ridgeline.example" }],
  });
  await post(sandbox, receiver.url);
  const book = async () =>
    (
      await sandbox.control("POST", "/highlevel/book", {
        location: "Northwind",
        calendar: "Discovery",
        contact: "contact1",
        start: START,
      })
    ).body as { id: string };
  const flush = () => sandbox.control("POST", "/highlevel/deliveries/flush");
  return { sandbox, receiver, location, book, flush };
}

const openMarketplace = () => open((sandbox, url) => sandbox.control("POST", "/highlevel/webhooks", { url }));
const bodies = (received: { raw: string }[]) => received.map(({ raw }) => JSON.parse(raw));

test("nobody is called before somebody asked for it", async () => {
  const { receiver, book, flush } = await open(async () => undefined);
  await book();
  await flush();
  expect(receiver.received).toEqual([]);
});

describe("the marketplace", () => {
  test("signs the raw bytes with a key pair of its own", async () => {
    const { sandbox, receiver, location, book, flush } = await openMarketplace();
    const { id } = await book();
    await flush();
    const [delivery] = receiver.received;
    const { publicKey } = (await sandbox.control("GET", "/highlevel/webhooks")).body;
    const key = createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" });
    const signature = Buffer.from(String(delivery?.headers["x-ghl-signature"]), "base64");
    expect(verify(null, Buffer.from(delivery?.raw ?? ""), key, signature)).toBe(true);
    expect(JSON.parse(delivery?.raw ?? "")).toMatchObject({
      type: "AppointmentCreate",
      locationId: location.location.id,
      timestamp: "2026-11-20T10:00:00.000Z",
      webhookId: expect.any(String),
      appointment: { id, contactId: "contact1", startTime: "2026-11-25T10:00:00-06:00" },
    });
  });

  test("or with a pair that it is given", async () => {
    const pair = generateKeyPairSync("ed25519");
    const privateKey = pair.privateKey.export({ format: "pem", type: "pkcs8" });
    const { sandbox } = await open((each, url) =>
      each.control("POST", "/highlevel/webhooks", { url, privateKey }),
    );
    const { publicKey } = (await sandbox.control("GET", "/highlevel/webhooks")).body;
    const expected = pair.publicKey.export({ format: "der", type: "spki" }).toString("base64");
    expect(publicKey).toBe(expected);
  });

  test("tells every act, through the control API and through its own", async () => {
    const { sandbox, receiver, book, flush } = await openMarketplace();
    const { id } = await book();
    await sandbox.control("POST", "/highlevel/update", { id, status: "noshow" });
    const path = `/calendars/events/appointments/${id}`;
    await sandbox.highlevel("PUT", path, "pit-northwind", { appointmentStatus: "cancelled" });
    await sandbox.highlevel("DELETE", `/calendars/events/${id}`, "pit-northwind");
    await sandbox.control("POST", "/highlevel/contact", {
      location: "Northwind",
      id: "contact1",
      lastName: "B",
    });
    await sandbox.control("POST", "/highlevel/events", { type: "INSTALL", appId: "app1" });
    await flush();
    expect(
      bodies(receiver.received).map(({ type, appointment }) => [type, appointment?.appointmentStatus]),
    ).toEqual([
      ["AppointmentCreate", "confirmed"],
      ["AppointmentUpdate", "noshow"],
      ["AppointmentUpdate", "cancelled"],
      ["AppointmentDelete", "cancelled"],
      ["ContactUpdate", undefined],
      ["INSTALL", undefined],
    ]);
  });

  test("repeats what failed up to twelve times, with the same bytes", async () => {
    const { sandbox, receiver, book, flush } = await openMarketplace();
    receiver.state.status = 429;
    await book();
    await flush();
    for (let tries = 1; tries < 20; tries++) {
      await sandbox.control("POST", "/clock", { advanceMs: 3_600_000 });
      await flush();
    }
    expect(receiver.received).toHaveLength(13);
    expect(new Set(receiver.received.map(({ raw }) => raw)).size).toBe(1);
    expect((await sandbox.control("GET", "/highlevel/deliveries")).body.deliveries).toMatchObject([
      { state: "expired" },
    ]);
  });
});

describe("on demand it", () => {
  const openWith = async (fault: Record<string, unknown>) => {
    const opened = await openMarketplace();
    await opened.sandbox.control("POST", "/highlevel/deliveries/faults", fault);
    return opened;
  };

  test("repeats under the same webhookId", async () => {
    const { receiver, book, flush } = await openWith({ duplicate: 2 });
    await book();
    await flush();
    const ids = bodies(receiver.received).map(({ webhookId }) => webhookId);
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(1);
  });

  test("delivers out of order", async () => {
    const { sandbox, receiver, book, flush } = await openWith({
      types: ["AppointmentCreate"],
      swapOrder: true,
    });
    const { id } = await book();
    await sandbox.control("POST", "/highlevel/update", { id, status: "cancelled" });
    await flush();
    expect(bodies(receiver.received).map(({ type }) => type)).toEqual([
      "AppointmentUpdate",
      "AppointmentCreate",
    ]);
  });

  test.each<[string, string | undefined]>([
    ["N/A", "N/A"],
    ["missing", undefined],
  ])("signs with %s", async (signature, header) => {
    const { receiver, book, flush } = await openWith({ signature, times: 1 });
    await book();
    await flush();
    expect(receiver.received[0]?.headers["x-ghl-signature"]).toBe(header);
  });

  test("signs wrongly, loses, and dates back", async () => {
    const { sandbox, receiver, book, flush } = await openWith({
      signature: "wrong",
      oldTimestampMs: 3_600_000,
    });
    await book();
    await flush();
    expect(receiver.received[0]?.headers["x-ghl-signature"]).toMatch(/^[\w+/]{86}==$/);
    expect(bodies(receiver.received)[0]).toMatchObject({ timestamp: "2026-11-20T09:00:00.000Z" });
    await sandbox.control("POST", "/highlevel/deliveries/faults", { drop: true });
    await book();
    await flush();
    expect(receiver.received).toHaveLength(1);
  });
});

describe("a workflow", () => {
  const openWorkflow = (form: string) =>
    open((sandbox, url) =>
      sandbox.control("POST", "/highlevel/workflows", {
        location: "Northwind",
        url,
        headers: { "X-Bookproof-Secret": "typed by the owner" },
        form,
      }),
    );

  test("sends its standard body unsigned, with the headers that its owner typed", async () => {
    const { receiver, book, flush } = await openWorkflow("standard");
    const { id } = await book();
    await flush();
    const [delivery] = receiver.received;
    expect(delivery?.headers).toMatchObject({ "x-bookproof-secret": "typed by the owner" });
    expect(delivery?.headers["x-ghl-signature"]).toBeUndefined();
    const body = JSON.parse(delivery?.raw ?? "");
    expect(body).not.toHaveProperty("webhookId");
    expect(body.calendar).toMatchObject({
      appointmentId: id,
      status: "booked",
      appoinmentStatus: "confirmed",
      startTime: "2026-11-25T10:00:00",
      selectedTimezone: "America/Chicago",
    });
  });

  test("or the mapping that was pasted into it", async () => {
    const { receiver, book, flush } = await openWorkflow("mapped");
    const { id } = await book();
    await flush();
    expect(bodies(receiver.received)).toMatchObject([{ appointmentId: id, status: "confirmed" }]);
  });

  test("is not started by a deletion, nor by a write that asks for silence", async () => {
    const { sandbox, receiver, book, flush } = await openWorkflow("standard");
    const { id } = await book();
    const path = `/calendars/events/appointments/${id}`;
    await sandbox.highlevel("PUT", path, "pit-northwind", { title: "Moved", toNotify: false });
    await sandbox.control("POST", "/highlevel/delete", { id });
    await flush();
    expect(receiver.received).toHaveLength(1);
  });
});
