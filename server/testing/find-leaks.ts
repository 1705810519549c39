/** A place in the logs that says what no log may say (R43); never the thing itself. */
export type Leak = { line: number; kind: string };

/** What is personal or secret by its looks, whoever made it up. */
const LOOKS: Record<string, RegExp> = {
  "a password of a database": /\bpostgres(ql)?:\/\/[^\s:/]+:[^\s@/]+@/,
  "an e-mail address": /[\w.+-]*\w@[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}/i,
  "an authorization": /\b(Bearer|Basic) +[\w+/=.-]{8,}/,
  "an API key": /\bbp_[\w-]{16,}/,
  "a web token": /\beyJ[\w-]{10,}\.[\w-]{10,}/,
  // As `createToken` makes them: 32 random bytes. A name in a program of that very length has no figures in it.
  "a random secret": /(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{43}(?![\w-])/,
};

const WORD = /[\p{L}\p{N}]+/gu;

/**
 * Searches a log for what must not be in it: whatever looks like a person's or a secret, and every value that tests
 * invented. Values are found by their first word, so that it costs the same for ten and for a hundred thousand.
 */
export function createLeakFinder(values: Iterable<string>): (log: string) => Leak[] {
  const byFirstWord = new Map<string, Set<string>>();
  for (const value of values) {
    const [first] = value.match(WORD) ?? [];
    if (first === undefined) continue;
    const same = byFirstWord.get(first) ?? new Set();
    byFirstWord.set(first, same.add(value));
  }

  const decideKind = (line: string): string | null => {
    for (const [kind, look] of Object.entries(LOOKS)) if (look.test(line)) return kind;
    for (const [word] of line.matchAll(WORD)) {
      for (const value of byFirstWord.get(word) ?? []) {
        if (isSaid(line, value)) return "an invented value";
      }
    }
    return null;
  };

  return (log) =>
    log.split("\n").flatMap((text, index) => {
      const kind = decideKind(text);
      return kind === null ? [] : [{ line: index + 1, kind }];
    });
}

/** As words of its own: a name that is the beginning of a longer word is another word. */
function isSaid(line: string, value: string): boolean {
  for (let at = line.indexOf(value); at >= 0; at = line.indexOf(value, at + 1)) {
    const around = [line.slice(0, at).slice(-1), line.slice(at + value.length).slice(0, 1)];
    if (around.every((character) => !/[\p{L}\p{N}]/u.test(character))) return true;
  }
  return false;
}
