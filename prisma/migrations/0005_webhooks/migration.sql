-- What a request said beside its body, and the record of when nobody was there to receive one.

ALTER TABLE "WebhookDelivery" ADD COLUMN "headers" JSONB NOT NULL DEFAULT '{}';

CREATE TABLE "Heartbeat" (
    "name" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Heartbeat_pkey" PRIMARY KEY ("name")
);
