/** Countries whose code has one digit, and those whose code has two; all others have three. */
const ONE_DIGIT = ["1", "7"];
const TWO_DIGITS =
  "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98".split(
    " ",
  );

/**
 * A number as one reads it out: `+1 305 555 0182`, `+44 791 112 3456`. Only what is stored in the international form
 * is grouped; anything else is shown as somebody wrote it.
 */
export function formatPhone(phone: string): string {
  if (!/^\+\d{7,15}$/.test(phone)) return phone;
  const digits = phone.slice(1);
  const country = [1, 2, 3].map((length) => digits.slice(0, length));
  const code =
    country.find((each) => ONE_DIGIT.includes(each)) ??
    country.find((each) => TWO_DIGITS.includes(each)) ??
    digits.slice(0, 3);
  return `+${[code, ...groupThrees(digits.slice(code.length))].join(" ")}`;
}

/** Threes, and a four at the end rather than one digit alone. */
function groupThrees(digits: string): string[] {
  if (digits.length <= 4) return digits ? [digits] : [];
  return [digits.slice(0, 3), ...groupThrees(digits.slice(3))];
}
