import { randomBytes, randomUUID } from "node:crypto";
import { performance } from "node:perf_hooks";
import type { SandboxClock } from "./clock.ts";
import { type DeliveryFault, DeliveryFaults } from "./delivery-faults.ts";
import { postDelivery, signBody } from "./post-delivery.ts";
import type { SandboxLog } from "./sandbox.ts";
import type { World } from "./world.ts";
import type { CalendlySubscription, Delivery } from "./world-types.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = HOUR_MS;
const AT_ONCE = 16;

/** One delivery to be made: the body is the snapshot at the time of the act. */
export type Notice = {
  subscription: CalendlySubscription;
  event: string;
  inviteeId: string;
  body: string;
  meetingEndMs: number;
};

type DeliveryDeps = { world: () => World; clock: SandboxClock; log: SandboxLog; changed: () => void };

/**
 * Sends signed webhook deliveries and repeats the failed ones with growing delay on the sandbox clock. A
 * subscription that could be given nothing for a day is disabled, and what waited for it is lost.
 */
export class Deliveries {
  readonly #deps: DeliveryDeps;
  readonly faults = new DeliveryFaults();
  readonly #inFlight = new Map<string, Promise<void>>();
  #waiting = new Set<string>();
  #held: Delivery[] = [];
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(deps: DeliveryDeps) {
    this.#deps = deps;
  }

  /** Forgets what waited in the former world and takes up what waits in this one. */
  adoptWorld(): void {
    this.#held = [];
    this.#waiting = new Set(
      [...this.#deps.world().deliveries.values()]
        .filter((delivery) => delivery.state === "pending")
        .map((delivery) => delivery.id),
    );
    for (const id of this.#waiting) {
      const delivery = this.#deps.world().deliveries.get(id);
      // One that was held back for the next act of a former run has nothing to wait for any more.
      if (delivery?.afterId === id) delivery.afterId = null;
    }
    this.pump();
  }

  announce(notices: Notice[]): Delivery[] {
    const world = this.#deps.world();
    const nowMs = this.#deps.clock.nowMs();
    const made = notices.map((notice) => this.#prepare(notice, nowMs));
    const swap = made.some(({ faults }) => faults.some((fault) => fault.swapOrder));
    const ordered = made.flatMap(({ deliveries }) => deliveries);
    if (swap && made.length > 1) ordered.reverse();
    // Deliveries of one act leave one after the other, so that an order that was asked for can be seen.
    const latest = new Map<string, string>();
    for (const delivery of ordered) {
      delivery.afterId = latest.get(delivery.subscriptionId) ?? null;
      latest.set(delivery.subscriptionId, delivery.id);
    }
    for (const delivery of ordered) {
      world.deliveries.set(delivery.id, delivery);
      if (delivery.state === "pending") this.#waiting.add(delivery.id);
    }
    const first = ordered[0];
    if (first) {
      for (const held of this.#held) held.afterId = first.id;
      this.#held = [];
    }
    if (swap && made.length === 1 && first) {
      // Points at itself until the next act gives it something to wait for.
      first.afterId = first.id;
      this.#held.push(first);
    }
    world.forgetOldDeliveries();
    this.#deps.changed();
    this.pump();
    return ordered;
  }

  resend(id: string): Delivery | undefined {
    const delivery = this.#deps.world().deliveries.get(id);
    if (!delivery) return undefined;
    delivery.state = "pending";
    delivery.afterId = null;
    delivery.nextAttemptMs = this.#deps.clock.nowMs();
    delivery.giveUpMs = delivery.nextAttemptMs + DAY_MS;
    this.#waiting.add(id);
    this.pump();
    return delivery;
  }

  /** Resolves when everything that is due now has been tried. */
  async flush(): Promise<void> {
    this.pump();
    while (this.#inFlight.size > 0) {
      await Promise.race(this.#inFlight.values());
      this.pump();
    }
  }

  /** Starts what is due, and wakes again when the next one is. */
  pump(): void {
    if (this.#isClosed) return;
    const world = this.#deps.world();
    const nowMs = this.#deps.clock.nowMs();
    let wakeAtMs = Number.POSITIVE_INFINITY;
    for (const id of this.#waiting) {
      const delivery = world.deliveries.get(id);
      if (delivery?.state !== "pending") {
        this.#waiting.delete(id);
        continue;
      }
      if (this.#inFlight.has(id) || this.#isWaitingForAnother(delivery)) continue;
      if (delivery.nextAttemptMs > nowMs) {
        wakeAtMs = Math.min(wakeAtMs, delivery.nextAttemptMs);
        continue;
      }
      if (this.#inFlight.size >= AT_ONCE) break;
      const attempt = this.#attempt(delivery).finally(() => {
        this.#inFlight.delete(id);
        this.#deps.changed();
        this.pump();
      });
      this.#inFlight.set(id, attempt);
    }
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (Number.isFinite(wakeAtMs) && !this.#deps.clock.isFrozen) {
      this.#timer = setTimeout(() => this.pump(), Math.min(wakeAtMs - nowMs, HOUR_MS));
      this.#timer.unref();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
    await Promise.allSettled(this.#inFlight.values());
  }

  #isWaitingForAnother(delivery: Delivery): boolean {
    if (delivery.afterId === null) return false;
    const other = this.#deps.world().deliveries.get(delivery.afterId);
    return other !== undefined && other.state === "pending" && other.attempts.length === 0;
  }

  #prepare(notice: Notice, nowMs: number): { deliveries: Delivery[]; faults: DeliveryFault[] } {
    const faults = this.faults.meet(notice.event, notice.subscription.id);
    const copies = 1 + Math.max(0, ...faults.map((fault) => fault.duplicate ?? 0));
    const oldest = Math.max(
      0,
      ...faults.map((fault) => (fault.oldTimestamp === true ? 600_000 : (fault.oldTimestamp ?? 0))),
    );
    const deliveries = Array.from(
      { length: copies },
      (): Delivery => ({
        id: randomUUID(),
        subscriptionId: notice.subscription.id,
        event: notice.event,
        inviteeId: notice.inviteeId,
        body: notice.body,
        state: faults.some((fault) => fault.drop) ? "dropped" : "pending",
        createdMs: nowMs,
        nextAttemptMs: nowMs + Math.max(0, ...faults.map((fault) => fault.delayMs ?? 0)),
        giveUpMs: Math.min(nowMs + DAY_MS, Math.max(notice.meetingEndMs + DAY_MS, nowMs)),
        afterId: null,
        signature: faults.some((fault) => fault.badSignature) ? "wrong" : "right",
        timestampAgeMs: oldest,
        firstTimestampMs: null,
        attempts: [],
      }),
    );
    return { deliveries, faults };
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const world = this.#deps.world();
    const subscription = world.subscriptions.get(delivery.subscriptionId);
    if (subscription?.state !== "active") {
      delivery.state = "lost";
      return;
    }
    const atMs = this.#deps.clock.nowMs();
    const startedAt = performance.now();
    const result = this.faults.takeRefusal(subscription.id)
      ? { status: null, error: "refused by the sandbox" }
      : await postDelivery(
          subscription.callbackUrl,
          delivery.body,
          this.#headers(delivery, subscription, atMs),
        );
    delivery.attempts.push({ atMs, ...result, tookMs: Math.round(performance.now() - startedAt) });
    this.#settle(delivery, subscription, result.status);
  }

  #headers(delivery: Delivery, subscription: CalendlySubscription, atMs: number): Record<string, string> {
    const headers: Record<string, string> = {
      "content-type": "application/json",
      "user-agent": "Calendly",
    };
    if (subscription.signingKey === null) return headers;
    const isOriginal = this.#deps.world().settings.retryTimestamp === "original";
    const stampMs = (isOriginal ? delivery.firstTimestampMs : null) ?? atMs - delivery.timestampAgeMs;
    delivery.firstTimestampMs ??= stampMs;
    const key = delivery.signature === "wrong" ? randomBytes(24).toString("hex") : subscription.signingKey;
    headers["calendly-webhook-signature"] = signBody(key, Math.floor(stampMs / 1000), delivery.body);
    return headers;
  }

  #settle(delivery: Delivery, subscription: CalendlySubscription, status: number | null): void {
    const nowMs = this.#deps.clock.nowMs();
    const attempt = delivery.attempts.length;
    if (status !== null && status >= 200 && status < 300) {
      delivery.state = "delivered";
      subscription.retryStartedMs = null;
      return;
    }
    subscription.retryStartedMs ??= nowMs;
    subscription.updatedMs = nowMs;
    this.#deps.log("delivery failed", { delivery: delivery.id, status: status ?? 0, attempt });
    if (nowMs - subscription.retryStartedMs >= DAY_MS) {
      subscription.state = "disabled";
      this.#loseAllOf(subscription.id);
      return;
    }
    if (nowMs >= delivery.giveUpMs) {
      delivery.state = "expired";
      return;
    }
    delivery.nextAttemptMs = nowMs + Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), LONGEST_RETRY_MS);
  }

  #loseAllOf(subscriptionId: string): void {
    for (const id of this.#waiting) {
      const delivery = this.#deps.world().deliveries.get(id);
      if (delivery?.subscriptionId === subscriptionId) delivery.state = "lost";
    }
  }
}
