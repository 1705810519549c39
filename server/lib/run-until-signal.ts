import { AppError } from "./errors.ts";

/** Ctrl-C, a process manager, a closed terminal. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** Most process managers kill ten seconds after they asked. */
const DEADLINE_MS = 9_000;
const PARENT_CHECK_MS = 500;

/**
 * Runs a program that lives until a signal ends it. An AppError at start is told in its own words and
 * nothing else; a stop that takes longer than nine seconds is cut short.
 */
export async function runUntilSignal(start: () => Promise<{ close(): Promise<void> }>): Promise<void> {
  const stopping = new Promise<void>((resolve) => {
    // Not once: npm and the terminal both send the same Ctrl-C, and the second must not kill us half-way.
    for (const signal of SIGNALS) process.on(signal, () => resolve());
    whenNpmEnds(resolve);
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

/**
 * npm hands a signal to the shell that it runs a script in, and the shell dies of it without a word to us.
 * So a program started by npm also ends when that shell is gone.
 */
function whenNpmEnds(callback: () => void): void {
  if (!process.env.npm_lifecycle_event) return;
  const shell = process.ppid;
  setInterval(() => process.ppid !== shell && callback(), PARENT_CHECK_MS).unref();
}
