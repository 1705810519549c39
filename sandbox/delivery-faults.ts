import { randomUUID } from "node:crypto";
import * as z from "zod";

export const deliveryFaultSchema = z.strictObject({
  /** Names of events it touches; without it, all. */
  events: z.array(z.string()).optional(),
  subscription: z.string().optional(),
  drop: z.boolean().optional(),
  /** How many further copies of each delivery are sent. */
  duplicate: z.int().min(1).optional(),
  delayMs: z.int().min(0).optional(),
  /** Two deliveries of one act change places; a single one waits for the next. */
  swapOrder: z.boolean().optional(),
  badSignature: z.boolean().optional(),
  /** How old the signed timestamp claims to be; true for ten minutes. */
  oldTimestamp: z.union([z.literal(true), z.int().min(0)]).optional(),
  /** After this many answered attempts the receiver is taken to be unreachable. */
  refuseAfter: z.int().min(0).optional(),
  /** How many deliveries it touches before it ends by itself. */
  times: z.int().min(1).optional(),
});

export type DeliveryFault = z.infer<typeof deliveryFaultSchema> & { id: string; hits: number };

/** The misbehaviour of webhooks that is switched on at the moment. */
export class DeliveryFaults {
  readonly #active = new Map<string, DeliveryFault>();

  add(rule: z.infer<typeof deliveryFaultSchema>): DeliveryFault {
    const fault = { ...rule, id: randomUUID(), hits: 0 };
    this.#active.set(fault.id, fault);
    return fault;
  }

  list(): DeliveryFault[] {
    return [...this.#active.values()];
  }

  remove(id?: string): void {
    if (id === undefined) this.#active.clear();
    else this.#active.delete(id);
  }

  /** The faults that a new delivery meets; each one counts it. Outages strike attempts instead. */
  meet(event: string, subscriptionId: string): DeliveryFault[] {
    const met = this.list().filter(
      (fault) =>
        fault.refuseAfter === undefined &&
        (!fault.events || fault.events.includes(event)) &&
        (!fault.subscription || fault.subscription === subscriptionId),
    );
    for (const fault of met) this.#hit(fault);
    return met;
  }

  /** Whether an outage is in force for this subscription; attempts before it begins use up what is left. */
  takeRefusal(subscriptionId: string): boolean {
    let isRefused = false;
    for (const fault of this.list()) {
      if (fault.refuseAfter === undefined) continue;
      if (fault.subscription && fault.subscription !== subscriptionId) continue;
      if (fault.refuseAfter > 0) fault.refuseAfter -= 1;
      else {
        isRefused = true;
        this.#hit(fault);
      }
    }
    return isRefused;
  }

  #hit(fault: DeliveryFault): void {
    fault.hits += 1;
    if (fault.times !== undefined && fault.hits >= fault.times) this.#active.delete(fault.id);
  }
}
