/** The invitee in a delivery's key: work is put in line by it, so that one person's deliveries follow one another. */
export function subjectOfKey(dedupeKey: string): string {
  return dedupeKey.split(":")[1] ?? dedupeKey;
}
