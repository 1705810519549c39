/** A burst of changes is read at most this often. */
const GAP_MS = 400;

/**
 * Reads again whenever it is told to, one reading at a time. What it is told during a reading may be younger than the
 * answer on its way, so another one follows; none is thrown away for the next, or a busy stream would starve the screen.
 */
export function createRefresher(read: () => Promise<unknown>, gapMs = GAP_MS): () => void {
  let isBusy = false;
  let isWanted = false;

  async function run(): Promise<void> {
    isBusy = true;
    // Events that came in one piece are one reading.
    await Promise.resolve();
    while (isWanted) {
      isWanted = false;
      // Who shows the data says what failed; here the next change is another try.
      await read().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, gapMs));
    }
    isBusy = false;
  }

  return () => {
    isWanted = true;
    if (!isBusy) void run();
  };
}
