export type Measured = { p50: number; p95: number };

const TIMES = 40;

/** In turn with what it is compared to, so that both have the same machine; the first of each warms up. */
export async function measurePair(
  bare: () => Promise<unknown>,
  run: () => Promise<unknown>,
): Promise<{ bare: Measured; run: Measured }> {
  await bare();
  await run();
  const bareMs: number[] = [];
  const runMs: number[] = [];
  for (let n = 0; n < TIMES; n++) {
    bareMs.push(await time(bare));
    runMs.push(await time(run));
  }
  return { bare: summarize(bareMs), run: summarize(runMs) };
}

export async function measure(run: () => Promise<unknown>): Promise<Measured> {
  await run();
  const ms: number[] = [];
  for (let n = 0; n < TIMES; n++) ms.push(await time(run));
  return summarize(ms);
}

async function time(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}

function summarize(ms: number[]): Measured {
  ms.sort((a, b) => a - b);
  return { p50: ms[Math.floor(TIMES * 0.5)] ?? 0, p95: ms[Math.floor(TIMES * 0.95)] ?? 0 };
}
