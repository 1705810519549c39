import pino from "pino";

let copy: pino.DestinationStream | null = null;

/** From now on every log of this process also goes there, whole, whatever its level: for whoever reads logs back. */
export function copyLogsTo(stream: pino.DestinationStream): void {
  copy = stream;
}

/**
 * Lines carry ids and counts only (R43). The redaction list is the second lock, for the day somebody
 * logs a whole object: it never makes it right to do so.
 */
export function createLog(level: string) {
  const options: pino.LoggerOptions = {
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: [
        "email",
        "name",
        "phone",
        "token",
        "password",
        "authorization",
        "body",
        "text",
        "firstName",
        "lastName",
      ].flatMap((key) => [key, `*.${key}`, `*.*.${key}`]),
      censor: "[redacted]",
    },
    serializers: { err: (err: unknown) => describeError(err) },
    hooks: {
      // An error that is logged by itself would bring its message along as the line's own.
      logMethod(args, method) {
        const [first, ...rest] = args as unknown[];
        method.apply(
          this,
          (first instanceof Error ? [{ err: first }, "error"] : [first, ...rest]) as typeof args,
        );
      },
    },
  };
  if (copy === null) return pino({ ...options, level });
  const own = level === "silent" ? [] : [{ level: level as pino.Level, stream: pino.destination(1) }];
  return pino({ ...options, level: "trace" }, pino.multistream([...own, { level: "trace", stream: copy }]));
}

/** Type, code and stack, without the message: messages of drivers and providers quote personal data. */
function describeError(err: unknown) {
  if (!(err instanceof Error)) return { type: typeof err };
  const code = "code" in err ? String(err.code) : undefined;
  const frames = err.stack
    ?.split("\n")
    // A message may have lines of its own; a frame ends with its place.
    .filter((line) => /^\s+at .*(:\d+:\d+|<anonymous>|native)\)?$/.test(line))
    .slice(0, 8);
  return { type: err.name, code, stack: frames?.join("\n") };
}

export type Log = pino.Logger;
