import type { RunDetails } from "fast-check";
import { isEven } from "./arbitrary-choice.ts";
import type { WorldPlan } from "./plan.ts";

/** The smallest world in which it still goes wrong, what goes wrong there, and how to see it again. */
export function describeFailure({
  seed,
  counterexample,
  counterexamplePath,
  numRuns,
  numShrinks,
  errorInstance,
}: RunDetails<[WorldPlan]>): string {
  const [plan] = counterexample ?? [];
  const { commands = [], ...people } = plan ?? {};
  return [
    `World ${numRuns} of seed ${seed} went wrong (shrunk ${numShrinks} times):`,
    errorInstance instanceof Error ? (errorInstance.stack ?? errorInstance.message) : String(errorInstance),
    JSON.stringify(people),
    ...commands.map((command) => `  ${JSON.stringify(command)}`),
    `Again: ${isEven ? "WEIGHTS=even " : ""}SEED=${seed} WORLD=${counterexamplePath} npx vitest run --project db server/convergence`,
  ].join("\n");
}
