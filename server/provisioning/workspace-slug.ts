const MAX_LENGTH = 40;

/** Addresses that mean something else. */
const RESERVED = new Set(["all", "admin", "new"]);

/** The workspace's name as an address has it, with a number where it is taken. */
export function buildSlug(name: string, taken: ReadonlySet<string>): string {
  const base =
    name
      .normalize("NFKD")
      .toLowerCase()
      .replace(/[\u0300-\u036f']/g, "")
      .replace(/[^a-z0-9]+/g, "-")
      .slice(0, MAX_LENGTH)
      .replace(/^-+|-+$/g, "") || "workspace";
  const isFree = (slug: string) => !taken.has(slug) && !RESERVED.has(slug);
  if (isFree(base)) return base;
  for (let number = 2; ; number++) {
    const slug = `${base}-${number}`;
    if (isFree(slug)) return slug;
  }
}
