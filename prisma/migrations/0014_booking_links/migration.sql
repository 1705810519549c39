-- What a person's word on a booking did, so that it can be taken back.
CREATE TABLE "BookingLink" (
  "appointmentId" UUID NOT NULL,
  "workspaceId" UUID NOT NULL,
  "leadId" UUID NOT NULL,
  "linkedById" TEXT,
  "linkedAt" TIMESTAMPTZ(3) NOT NULL,
  "emailKeys" TEXT[],
  "contactIds" TEXT[],
  leads JSONB NOT NULL,
  CONSTRAINT "BookingLink_pkey" PRIMARY KEY ("appointmentId")
);

ALTER TABLE "BookingLink" ADD CONSTRAINT "BookingLink_appointmentId_fkey"
  FOREIGN KEY ("appointmentId") REFERENCES "Appointment"(id) ON DELETE CASCADE ON UPDATE CASCADE;
