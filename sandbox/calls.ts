import { performance } from "node:perf_hooks";

const LOG_LENGTH = 5_000;

export type Provider = "calendly" | "highlevel";

export type LoggedCall = {
  atMs: number;
  /** When it arrived, in the machine's time, as quotas count it. */
  arrivedMs: number;
  token: string | null;
  provider: Provider;
  family: string;
  status: number;
  tookMs: number;
  fault: string | null;
};

/** Largest number of stamps seen in any stretch of `lengthMs`. */
class Peak {
  readonly #lengthMs: number;
  #stamps: number[] = [];
  #head = 0;
  largest = 0;

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  add(atMs: number): void {
    this.#stamps.push(atMs);
    while ((this.#stamps[this.#head] ?? atMs) <= atMs - this.#lengthMs) this.#head += 1;
    this.largest = Math.max(this.largest, this.#stamps.length - this.#head);
    if (this.#head > 5_000) {
      this.#stamps = this.#stamps.slice(this.#head);
      this.#head = 0;
    }
  }
}

/** Counts every call by provider and endpoint, and how close each token came to its limit, in real time. */
export class CallCounter {
  #families = new Map<string, { provider: Provider; family: string; calls: number; refused: number }>();
  #tokens = new Map<string, { tenSeconds: Peak; minute: Peak; calls: number }>();
  #log: LoggedCall[] = [];

  started(provider: Provider, family: string, token: string | null): void {
    const key = `${provider} ${family}`;
    const row = this.#families.get(key) ?? { provider, family, calls: 0, refused: 0 };
    row.calls += 1;
    this.#families.set(key, row);
    if (token === null) return;
    const peaks = this.#tokens.get(token) ?? {
      tenSeconds: new Peak(10_000),
      minute: new Peak(60_000),
      calls: 0,
    };
    const now = performance.now();
    peaks.calls += 1;
    peaks.tenSeconds.add(now);
    peaks.minute.add(now);
    this.#tokens.set(token, peaks);
  }

  ended(call: LoggedCall): void {
    if (call.status === 429) {
      const row = this.#families.get(`${call.provider} ${call.family}`);
      if (row) row.refused += 1;
    }
    this.#log.push(call);
    if (this.#log.length > LOG_LENGTH * 2) this.#log = this.#log.slice(-LOG_LENGTH);
  }

  summary() {
    const ofProvider = (provider: Provider) => {
      const rows = [...this.#families.values()].filter((row) => row.provider === provider);
      return {
        total: rows.reduce((sum, row) => sum + row.calls, 0),
        refused: rows.reduce((sum, row) => sum + row.refused, 0),
        families: Object.fromEntries(rows.map((row) => [row.family, row.calls])),
      };
    };
    return {
      calendly: ofProvider("calendly"),
      highlevel: ofProvider("highlevel"),
      tokens: Object.fromEntries(
        [...this.#tokens].map(([token, peaks]) => [
          token,
          { calls: peaks.calls, most10s: peaks.tenSeconds.largest, most60s: peaks.minute.largest },
        ]),
      ),
    };
  }

  log(): LoggedCall[] {
    return this.#log.slice(-LOG_LENGTH);
  }

  reset(): void {
    this.#families.clear();
    this.#tokens.clear();
    this.#log = [];
  }
}
