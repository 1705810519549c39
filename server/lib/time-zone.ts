const known = new Map<string, boolean>();

/** Whether this is the name of a time zone ("America/New_York"); an offset is not one. */
export function isTimeZone(name: string): boolean {
  const answer = known.get(name);
  if (answer !== undefined) return answer;
  const isKnown = /^[A-Za-z][\w+/-]{1,63}$/.test(name) && canFormat(name);
  // Names come from outside: only as many are remembered as there are zones.
  if (isKnown) known.set(name, true);
  return isKnown;
}

function canFormat(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
    return true;
  } catch {
    return false;
  }
}
