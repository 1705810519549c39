/** A header's non-negative whole number; null when it is absent or something else. */
export function readCount(value: string | null): number | null {
  return value !== null && /^\s*\d{1,15}\s*$/.test(value) ? Number(value) : null;
}
