/**
 * Joins a path onto the configured base, keeping the base's own path prefix. Throws when the result would
 * leave that prefix (a dot segment in an id, a full URL as path): the bearer token goes nowhere else.
 */
export function joinProviderUrl(baseUrl: string, path: string, query: QueryValues = {}): URL {
  const base = new URL(baseUrl);
  if (base.protocol !== "https:" && base.protocol !== "http:")
    throw new Error("Provider base is not http(s)");
  const wanted = base.pathname.replace(/\/+$/, "") + path;
  const url = new URL(base.origin);
  url.pathname = wanted;
  // URL normalises dot segments and backslashes; a path that changed was not the one that was asked for.
  if (!path.startsWith("/") || url.pathname !== wanted || url.origin !== base.origin) {
    throw new Error("Provider path leaves the configured base");
  }
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null) url.searchParams.set(name, String(value));
  }
  return url;
}

export type QueryValues = Record<string, string | number | null | undefined>;

/** Builds a path whose interpolated values are each one encoded segment. */
export function path(strings: TemplateStringsArray, ...segments: string[]): string {
  return strings.reduce((text, part, i) => {
    const segment = segments[i];
    return text + part + (segment === undefined ? "" : encodeURIComponent(segment));
  }, "");
}
