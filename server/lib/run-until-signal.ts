import { AppError } from "./errors.ts";

/** Ctrl-C, a process manager, a closed terminal. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const DEADLINE_MS = 5_000;

/**
 * Runs a program that lives until a signal ends it. An AppError at start is told in its own words and
 * nothing else; a stop that takes longer than five seconds is cut short.
 */
export async function runUntilSignal(start: () => Promise<{ close(): Promise<void> }>): Promise<void> {
  const stopping = new Promise<NodeJS.Signals>((resolve) => {
    // Not once: npm and the terminal both send the same Ctrl-C, and the second must not kill us half-way.
    for (const signal of SIGNALS) process.on(signal, () => resolve(signal));
  });
  try {
    const starting = start();
    // A failed start ends the wait at once; a finished one waits for the signal.
    await Promise.race([stopping, starting.then(() => stopping)]);
    setTimeout(() => process.exit(1), DEADLINE_MS).unref();
    await (await starting).close();
    process.exit(0);
  } catch (error) {
    console.error(error instanceof AppError ? `\n${error.message}\n` : error);
    process.exit(1);
  }
}
