import { Prisma } from "#server/db/generated/client.ts";

/** What of a lead (`"Lead" l`) a decision may change, as plan items keep it and the undo gives it back. */
export const decidedFields = Prisma.sql`jsonb_build_object(
  'status', l.status, 'statusAt', l."statusAt", 'statusSource', l."statusSource",
  'sentiment', l.sentiment, 'sentimentAt', l."sentimentAt",
  'decision', l.decision, 'decisionReason', l."decisionReason", 'decisionAt', l."decisionAt",
  'decisionById', l."decisionById", 'decisionUntil', l."decisionUntil")`;
