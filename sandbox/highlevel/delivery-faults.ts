import { randomUUID } from "node:crypto";
import * as z from "zod";

export const highlevelDeliveryFaultSchema = z.strictObject({
  /** Types it touches, `workflow` among them; without it, all. */
  types: z.array(z.string()).optional(),
  drop: z.boolean().optional(),
  /** How many further copies are sent, under the same webhookId. */
  duplicate: z.int().min(1).optional(),
  /** Waits until the next one has been tried. */
  swapOrder: z.boolean().optional(),
  /** What stands in the header in place of the right signature. */
  signature: z.enum(["wrong", "N/A", "missing"]).optional(),
  /** How much older than the act the timestamp in the body is. */
  oldTimestampMs: z.int().min(0).optional(),
  times: z.int().min(1).optional(),
});

export type HighLevelDeliveryFault = z.infer<typeof highlevelDeliveryFaultSchema> & {
  id: string;
  hits: number;
};

/** The misbehaviour of HighLevel's webhooks that is switched on at the moment. */
export class HighLevelDeliveryFaults {
  readonly #active = new Map<string, HighLevelDeliveryFault>();

  add(rule: z.infer<typeof highlevelDeliveryFaultSchema>): HighLevelDeliveryFault {
    const fault = { ...rule, id: randomUUID(), hits: 0 };
    this.#active.set(fault.id, fault);
    return fault;
  }

  clear(): void {
    this.#active.clear();
  }

  /** The faults that a new delivery meets; each one counts it. */
  meet(type: string): HighLevelDeliveryFault[] {
    const met = [...this.#active.values()].filter((fault) => !fault.types || fault.types.includes(type));
    for (const fault of met) {
      fault.hits += 1;
      if (fault.times !== undefined && fault.hits >= fault.times) this.#active.delete(fault.id);
    }
    return met;
  }
}
