import { createHmac } from "node:crypto";
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** One delivery to be made: where to, and the body to be signed. */
export type Delivery = { url: string; body: string };

export type SendOrder = { deliveries: Delivery[]; signingKey: string; perSecond: number };

/** How one delivery went, in ms since the epoch: its first attempt, and the one that was acknowledged. */
export type Sent = { firstAt: number; tries: number; lastAt: number; acknowledgedAt: number };

/** As Calendly does: again after one, two, four seconds. */
const FIRST_RETRY_MS = 1_000;
const AT_ONCE = 128;

const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
const now = () => performance.timeOrigin + performance.now();

// A process of its own, so that what is measured shares no event loop with what measures.
process.once("message", async (order: SendOrder) => {
  const sent = await sendAll(order);
  process.send?.(sent, () => process.disconnect());
});

/** At a steady rate, whatever becomes of the earlier ones. */
async function sendAll({ deliveries, signingKey, perSecond }: SendOrder): Promise<Sent[]> {
  const startedAt = performance.now();
  const all: Promise<Sent>[] = [];
  for (const [at, delivery] of deliveries.entries()) {
    const waitMs = startedAt + (at * 1_000) / perSecond - performance.now();
    if (waitMs > 1) await sleep(waitMs);
    all.push(deliver(delivery, signingKey));
  }
  return Promise.all(all);
}

async function deliver({ url, body }: Delivery, signingKey: string): Promise<Sent> {
  const firstAt = now();
  for (let tries = 1; ; tries++) {
    const lastAt = now();
    if (await attempt(url, body, signingKey)) return { firstAt, tries, lastAt, acknowledgedAt: now() };
    await sleep(FIRST_RETRY_MS * 2 ** (tries - 1));
  }
}

function attempt(url: string, body: string, signingKey: string): Promise<boolean> {
  const seconds = Math.floor(now() / 1_000);
  const signature = createHmac("sha256", signingKey).update(`${seconds}.${body}`).digest("hex");
  return new Promise((resolve) => {
    const call = request(
      url,
      {
        method: "POST",
        agent,
        timeout: 10_000,
        headers: {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
          "calendly-webhook-signature": `t=${seconds},v1=${signature}`,
        },
      },
      (response) => {
        const { statusCode = 0 } = response;
        response.resume().once("end", () => resolve(statusCode >= 200 && statusCode < 300));
        response.once("error", () => resolve(false));
      },
    );
    call.once("timeout", () => call.destroy());
    call.once("error", () => resolve(false));
    call.end(body);
  });
}
