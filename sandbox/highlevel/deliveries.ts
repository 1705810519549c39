import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
} from "node:crypto";
import type { SandboxClock } from "../clock.ts";
import { postDelivery } from "../post-delivery.ts";
import type { SandboxLog } from "../sandbox.ts";
import type { World } from "../world.ts";
import type { DeliveryAttempt, HighLevelAppointment, HighLevelContact } from "../world-types.ts";
import {
  type AppointmentEvent,
  type ContactEvent,
  renderAppointmentEvent,
  renderContactEvent,
  renderMappedBody,
  renderWorkflowBody,
} from "./delivery-bodies.ts";
import { type HighLevelDeliveryFault, HighLevelDeliveryFaults } from "./delivery-faults.ts";

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 3_600_000;
/** The marketplace repeats this often; a workflow's action is set to give up at once. */
const MOST_RETRIES = 12;
const LOG_LENGTH = 2_000;

export type WorkflowHook = {
  id: string;
  locationId: string;
  url: string;
  headers: Record<string, string>;
  form: "standard" | "mapped";
};

type HighLevelDelivery = {
  id: string;
  type: string;
  kind: "marketplace" | "workflow";
  url: string;
  headers: Record<string, string>;
  body: string;
  signature: "right" | "wrong" | "N/A" | "missing";
  state: "pending" | "delivered" | "expired" | "dropped";
  nextAttemptMs: number;
  attempts: DeliveryAttempt[];
};

type DeliveryDeps = { world: () => World; clock: SandboxClock; log: SandboxLog };

/**
 * The marketplace app's signed events and the unsigned actions of workflows. Nobody is called before somebody asked for
 * it; hooks, faults and the log live in memory only. Deliveries leave one after the other.
 */
export class HighLevelDeliveries {
  readonly #deps: DeliveryDeps;
  readonly faults = new HighLevelDeliveryFaults();
  #privateKey: KeyObject = generateKeyPairSync("ed25519").privateKey;
  #marketplaceUrl: string | null = null;
  #workflows = new Map<string, WorkflowHook>();
  #log = new Map<string, HighLevelDelivery>();
  #held: HighLevelDelivery[] = [];
  #work: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(deps: DeliveryDeps) {
    this.#deps = deps;
  }

  reset(): void {
    this.#marketplaceUrl = null;
    this.#workflows.clear();
    this.faults.clear();
    this.#log.clear();
    this.#held = [];
  }

  setMarketplace(url: string, privateKeyPem: string | undefined): void {
    this.#marketplaceUrl = url;
    if (privateKeyPem) this.#privateKey = createPrivateKey(privateKeyPem);
  }

  addWorkflow(hook: Omit<WorkflowHook, "id">): WorkflowHook {
    const added = { id: randomUUID(), ...hook };
    this.#workflows.set(added.id, added);
    return added;
  }

  describe() {
    const publicKey = createPublicKey(this.#privateKey).export({ format: "der", type: "spki" });
    return {
      publicKey: publicKey.toString("base64"),
      marketplaceUrl: this.#marketplaceUrl,
      workflows: [...this.#workflows.values()].map(({ id, locationId, url, form }) => ({
        id,
        locationId,
        url,
        form,
      })),
    };
  }

  list(): HighLevelDelivery[] {
    return [...this.#log.values()];
  }

  announceAppointment(
    type: AppointmentEvent,
    appointment: HighLevelAppointment,
    { silent = false }: { silent?: boolean } = {},
  ): void {
    const world = this.#deps.world();
    this.announce(renderAppointmentEvent(world, type, appointment));
    // Deleting starts no workflow, and a write may ask that none is started.
    if (silent || type === "AppointmentDelete") return;
    for (const hook of this.#workflows.values()) {
      if (hook.locationId !== appointment.locationId) continue;
      const render = hook.form === "standard" ? renderWorkflowBody : renderMappedBody;
      const body = JSON.stringify(render(world, appointment));
      this.#enqueue("workflow", "workflow", hook, body, this.faults.meet("workflow"));
    }
  }

  announceContact(type: ContactEvent, contact: HighLevelContact): void {
    this.announce(renderContactEvent(type, contact));
  }

  /** Any event at all, known or not; it goes to the marketplace app, where there is one. */
  announce(event: Record<string, unknown>): void {
    if (this.#marketplaceUrl === null) return;
    const type = String(event.type);
    const faults = this.faults.meet(type);
    const oldMs = Math.max(0, ...faults.map((fault) => fault.oldTimestampMs ?? 0));
    const timestamp = new Date(this.#deps.clock.nowMs() - oldMs).toISOString();
    const body = JSON.stringify({ ...event, timestamp, webhookId: randomUUID() });
    this.#enqueue("marketplace", type, { url: this.#marketplaceUrl, headers: {} }, body, faults);
  }

  /** By hand, as from the app's log: the same bytes once more. */
  resend(id: string): HighLevelDelivery | undefined {
    const delivery = this.#log.get(id);
    if (!delivery) return undefined;
    delivery.state = "pending";
    delivery.nextAttemptMs = this.#deps.clock.nowMs();
    return delivery;
  }

  /** Resolves when everything that is due now has been tried. */
  async flush(): Promise<void> {
    this.#release();
    this.pump();
    await this.#work;
  }

  pump(): void {
    if (this.#isClosed) return;
    this.#work = this.#work.then(() => this.#sendDue());
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#work;
  }

  #enqueue(
    kind: HighLevelDelivery["kind"],
    type: string,
    { url, headers }: Pick<WorkflowHook, "url" | "headers">,
    body: string,
    faults: HighLevelDeliveryFault[],
  ): void {
    const copies = 1 + Math.max(0, ...faults.map((fault) => fault.duplicate ?? 0));
    const made = Array.from(
      { length: copies },
      (): HighLevelDelivery => ({
        id: randomUUID(),
        type,
        kind,
        url,
        headers,
        body,
        signature: faults.find((fault) => fault.signature)?.signature ?? "right",
        state: faults.some((fault) => fault.drop) ? "dropped" : "pending",
        nextAttemptMs: this.#deps.clock.nowMs(),
        attempts: [],
      }),
    );
    if (faults.some((fault) => fault.swapOrder)) {
      this.#held.push(...made);
      return;
    }
    for (const delivery of made) this.#log.set(delivery.id, delivery);
    this.#release();
    this.pump();
  }

  #release(): void {
    for (const delivery of this.#held) this.#log.set(delivery.id, delivery);
    this.#held = [];
    for (const id of this.#log.keys()) {
      if (this.#log.size <= LOG_LENGTH) break;
      if (this.#log.get(id)?.state !== "pending") this.#log.delete(id);
    }
  }

  async #sendDue(): Promise<void> {
    for (;;) {
      const nowMs = this.#deps.clock.nowMs();
      const due = this.list().find((each) => each.state === "pending" && each.nextAttemptMs <= nowMs);
      if (!due || this.#isClosed) break;
      await this.#attempt(due, nowMs);
    }
    this.#wakeLater();
  }

  async #attempt(delivery: HighLevelDelivery, atMs: number): Promise<void> {
    const headers = {
      "content-type": "application/json",
      ...delivery.headers,
      ...(delivery.kind === "marketplace" ? this.#signatureOf(delivery) : {}),
    };
    const result = await postDelivery(delivery.url, delivery.body, headers);
    delivery.attempts.push({ atMs, ...result, tookMs: 0 });
    const tried = delivery.attempts.length;
    if (result.status !== null && result.status >= 200 && result.status < 300) delivery.state = "delivered";
    else if (delivery.kind === "workflow" || tried > MOST_RETRIES) delivery.state = "expired";
    else delivery.nextAttemptMs = atMs + Math.min(FIRST_RETRY_MS * 2 ** (tried - 1), LONGEST_RETRY_MS);
    if (delivery.state !== "delivered") {
      this.#deps.log("highlevel delivery failed", { status: result.status ?? 0, attempt: tried });
    }
  }

  #signatureOf({ signature, body }: HighLevelDelivery): Record<string, string> {
    switch (signature) {
      case "missing":
        return {};
      case "N/A":
        return { "x-ghl-signature": "N/A" };
      case "wrong":
        return { "x-ghl-signature": this.#sign(`${body} `) };
      case "right":
        return { "x-ghl-signature": this.#sign(body) };
      default:
        throw new Error(`unknown signature ${signature satisfies never}`);
    }
  }

  #sign(body: string): string {
    return sign(null, Buffer.from(body), this.#privateKey).toString("base64");
  }

  #wakeLater(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#isClosed || this.#deps.clock.isFrozen) return;
    const times = this.list().flatMap((each) => (each.state === "pending" ? [each.nextAttemptMs] : []));
    if (times.length === 0) return;
    const waitMs = Math.max(0, Math.min(...times) - this.#deps.clock.nowMs());
    this.#timer = setTimeout(() => this.pump(), waitMs);
    this.#timer.unref();
  }
}
