import { ProviderError } from "../provider-error.ts";

/**
 * Page after page until there is no token, however short or empty a page is. A token that comes a second
 * time would go round for ever: then it throws, and the list counts as unread.
 */
export async function* walkPages<Page extends { nextPageToken: string | null }>(
  readPage: (pageToken?: string) => Promise<Page>,
): AsyncGenerator<Page> {
  const seen = new Set<string>();
  let pageToken: string | undefined;
  do {
    const page = await readPage(pageToken);
    pageToken = page.nextPageToken ?? undefined;
    if (pageToken !== undefined && seen.has(pageToken)) {
      throw new ProviderError("calendly", "unexpected", "A list named a page a second time.", {
        details: { reason: "repeated_token" },
      });
    }
    if (pageToken !== undefined) seen.add(pageToken);
    yield page;
  } while (pageToken !== undefined);
}
