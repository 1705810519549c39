-- What the link carried with which it was booked: it may name the lead.
ALTER TABLE "Appointment" ADD COLUMN tracking TEXT;
