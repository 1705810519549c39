/** Whom or what a delivery's key names, between its colons: work is put in line by it, so that what concerns one follows one another. */
export function subjectOfKey(dedupeKey: string): string {
  return dedupeKey.split(":")[1] ?? dedupeKey;
}
