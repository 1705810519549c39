-- A run whose process is gone says so, instead of running for ever.
ALTER TYPE "JobState" ADD VALUE 'interrupted';

ALTER TABLE "JobRun" ADD COLUMN process TEXT;
-- Each connection of ours names its process. Runs from before this column were of processes that are gone.
ALTER TABLE "JobRun" ALTER COLUMN process SET DEFAULT current_setting('application_name');
CREATE INDEX "JobRun_running" ON "JobRun"(process) WHERE state = 'running';
