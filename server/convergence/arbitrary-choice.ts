import fc from "fast-check";

/** One of these, each as often as its weight says. */
export function oneOf<T>(choices: [weight: number, arbitrary: fc.Arbitrary<T>][]): fc.Arbitrary<T> {
  return fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary })));
}

/** `null` once in `freq + 1` times. */
export function maybe<T>(arbitrary: fc.Arbitrary<T>, freq: number): fc.Arbitrary<T | null> {
  return fc.option(arbitrary, { freq });
}

export function weighted<T>(choices: [weight: number, value: T][]): fc.Arbitrary<T> {
  return oneOf(choices.map(([weight, value]) => [weight, fc.constant(value)]));
}
