import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { performance } from "node:perf_hooks";
import type { WorldData } from "./world-types.ts";

const SHORTEST_DELAY_MS = 50;

/**
 * Keeps the world in one JSON file. A save writes a neighbour, flushes it, and renames it into place, with the
 * former file kept as `.previous`; so at any instant of a crash one whole world can be read.
 */
export class WorldStore {
  readonly #file: string;
  readonly #snapshot: () => WorldData;
  #timer: NodeJS.Timeout | null = null;
  #saving: Promise<void> | null = null;
  #isDirty = false;
  #lastSaveMs = 0;

  constructor(file: string, snapshot: () => WorldData) {
    this.#file = file;
    this.#snapshot = snapshot;
    mkdirSync(dirname(file), { recursive: true });
  }

  /** Saves soon. Many changes become one save; a world that takes long to write is written less often. */
  changed(): void {
    this.#isDirty = true;
    if (this.#timer || this.#saving) return;
    const delayMs = Math.max(SHORTEST_DELAY_MS, this.#lastSaveMs * 5);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#saving = this.#save().finally(() => {
        this.#saving = null;
        if (this.#isDirty) this.changed();
      });
    }, delayMs);
    this.#timer.unref();
  }

  async flush(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#saving;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#isDirty) await this.#save();
  }

  async #save(): Promise<void> {
    const startedAt = performance.now();
    this.#isDirty = false;
    const temporary = `${this.#file}.writing`;
    const handle = await open(temporary, "w");
    try {
      await handle.writeFile(JSON.stringify(this.#snapshot()));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(this.#file, previousOf(this.#file)).catch(ignoreMissing);
    await rename(temporary, this.#file);
    this.#lastSaveMs = performance.now() - startedAt;
  }
}

/** The last world that was written whole, or null where there is none. */
export function readWorldFile(file: string): WorldData | null {
  for (const candidate of [file, previousOf(file)]) {
    try {
      const data = JSON.parse(readFileSync(candidate, "utf8")) as WorldData;
      if (data.version === 1) {
        if (candidate !== file) {
          // The good copy moves to the front, or the next save would push the broken one over it.
          writeFileSync(`${file}.writing`, JSON.stringify(data));
          renameSync(`${file}.writing`, file);
        }
        return data;
      }
    } catch {
      // Missing or cut short: the other file decides.
    }
  }
  return null;
}

export function removeWorldFile(file: string): void {
  for (const path of [file, previousOf(file), `${file}.writing`]) rmSync(path, { force: true });
}

function previousOf(file: string): string {
  return `${file}.previous`;
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
