import fc from "fast-check";

/** `WEIGHTS=even` draws what is rare as often as what is not: worlds in which more goes wrong at once. */
export const isEven = process.env.WEIGHTS === "even";

/** One of these, each as often as its weight says. */
export function oneOf<T>(choices: [weight: number, arbitrary: fc.Arbitrary<T>][]): fc.Arbitrary<T> {
  return fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight: isEven ? 1 : weight, arbitrary })));
}

/** `null` once in `freq + 1` times. */
export function maybe<T>(arbitrary: fc.Arbitrary<T>, freq: number): fc.Arbitrary<T | null> {
  return fc.option(arbitrary, { freq });
}

export function weighted<T>(choices: [weight: number, value: T][]): fc.Arbitrary<T> {
  return oneOf(choices.map(([weight, value]) => [weight, fc.constant(value)]));
}
