import { randomBytes, randomUUID } from "node:crypto";

/** Where chance comes from: a seed while a demo world is made, the machine afterwards. */
export type Random = { next(): number };

export const machineRandom: Random = { next: () => Math.random() };

/** mulberry32: the same seed tells the same story on every machine. */
export function createSeededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
    },
  };
}

export function pickNumber(random: Random, from: number, to: number): number {
  return from + Math.floor(random.next() * (to - from + 1));
}

export function pickOne<T>(random: Random, choices: readonly [T, ...T[]] | readonly T[]): T {
  if (choices.length === 0) throw new Error("nothing to pick from");
  // The index is within the bounds just checked.
  return choices[Math.floor(random.next() * choices.length)] as T;
}

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const MIXED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

export type IdSource = {
  /** Calendly's present alphabet. */
  uuid(): string;
  /** Calendly's older alphabet: sixteen upper-case letters and digits. */
  legacy(): string;
  /** HighLevel's alphabet: twenty letters and digits. */
  highlevel(): string;
};

export const machineIds: IdSource = {
  uuid: () => randomUUID(),
  legacy: () => spell(UPPER, [...randomBytes(16)]),
  highlevel: () => spell(MIXED, [...randomBytes(20)]),
};

export function createSeededIds(random: Random): IdSource {
  const bytes = (count: number) => Array.from({ length: count }, () => pickNumber(random, 0, 255));
  return {
    uuid() {
      const hex = bytes(16)
        .map((byte) => byte.toString(16).padStart(2, "0"))
        .join("");
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
    legacy: () => spell(UPPER, bytes(16)),
    highlevel: () => spell(MIXED, bytes(20)),
  };
}

function spell(alphabet: string, bytes: number[]): string {
  return bytes.map((byte) => alphabet.charAt(byte % alphabet.length)).join("");
}
