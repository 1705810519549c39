type Waiting<In, Out> = {
  input: In;
  resolve: (output: Out) => void;
  reject: (error: unknown) => void;
};

/**
 * Turns work on many into a function for one: what is asked in the same moment, or while earlier work is under way, is
 * done together next, in the order in which it was asked. `run` answers one output for each input; when it fails, all of
 * its inputs do.
 */
export function groupCalls<In, Out>(run: (inputs: In[]) => Promise<Out[]>): (input: In) => Promise<Out> {
  let waiting: Waiting<In, Out>[] = [];
  let isRunning = false;

  async function runAll(): Promise<void> {
    isRunning = true;
    // Whoever asks in the same moment goes along.
    await null;
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      try {
        const outputs = await run(group.map(({ input }) => input));
        for (const [at, output] of outputs.entries()) group[at]?.resolve(output);
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    isRunning = false;
  }

  return (input) =>
    new Promise((resolve, reject) => {
      waiting.push({ input, resolve, reject });
      if (!isRunning) void runAll();
    });
}
