import type { Sentiment } from "#server/db/generated/enums.ts";

export type SentimentFacts = { sentiment: Sentiment; sentimentAt: Date; createdAt: Date };

/**
 * R22: only a change of sentiment moves its time, and only forward; what was said before what we know is old news. A
 * lead about whom nothing was ever said takes any time. Null: nothing changes.
 */
export function decideSentiment(
  lead: SentimentFacts,
  said: { sentiment: Sentiment; at: Date },
  now: Date,
): { sentiment: Sentiment; sentimentAt: Date } | null {
  if (said.sentiment === lead.sentiment) return null;
  // Their clock may be a little ahead of ours; a claim from the future could never be checked.
  const at = said.at > now ? now : said.at;
  const wasNeverSaid = lead.sentiment === "new" && lead.sentimentAt.getTime() === lead.createdAt.getTime();
  if (!wasNeverSaid && at < lead.sentimentAt) return null;
  return { sentiment: said.sentiment, sentimentAt: at };
}
