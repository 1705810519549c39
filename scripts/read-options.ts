import { type ParseArgsOptionsConfig, parseArgs } from "node:util";

/** The command line of a script; prints the usage and ends for --help, or for an option that does not exist. */
export function readOptions<T extends ParseArgsOptionsConfig>(usage: string, options: T) {
  try {
    const { values } = parseArgs({ options: { ...options, help: { type: "boolean", short: "h" } } });
    if (!("help" in values && values.help))
      return values as ReturnType<typeof parseArgs<{ options: T }>>["values"];
    console.log(usage);
    process.exit(0);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exit(1);
  }
}
