import { Prisma } from "#server/db/generated/client.ts";

/** What of a lead (`"Lead" l`) a decision may change, as plan items keep it and the undo gives it back. */
export const decidedFields = Prisma.sql`jsonb_build_object(
  'status', l.status, 'statusAt', l."statusAt", 'statusSource', l."statusSource",
  'sentiment', l.sentiment, 'sentimentAt', l."sentimentAt",
  'decision', l.decision, 'decisionReason', l."decisionReason", 'decisionAt', l."decisionAt",
  'decisionById', l."decisionById", 'decisionUntil', l."decisionUntil")`;

/** The same as columns of a record (`jsonb_to_record`, `jsonb_to_recordset`). */
export const decidedColumns = Prisma.sql`
  status "LeadStatus", "statusAt" timestamptz, "statusSource" "Source", sentiment "Sentiment", "sentimentAt" timestamptz,
  decision "Decision", "decisionReason" text, "decisionAt" timestamptz, "decisionById" text, "decisionUntil" timestamptz`;

/** What an undo sets on a lead (`"Lead" l`) from such a record (`b`). */
export const giveBack = Prisma.sql`
  status = b.status, "statusAt" = b."statusAt", "statusSource" = b."statusSource",
  sentiment = b.sentiment, "sentimentAt" = b."sentimentAt",
  decision = b.decision, "decisionReason" = b."decisionReason", "decisionAt" = b."decisionAt",
  "decisionById" = b."decisionById", "decisionUntil" = b."decisionUntil"`;
