import { Field, Input } from "#client/components/ui/field.tsx";
import { Select } from "#client/components/ui/select.tsx";
import { readNowMs } from "#client/lib/clock.ts";
import type { Provider } from "#client/lib/trpc.ts";
import { PROVIDERS } from "#client/lib/vocabulary.ts";
import { Choice } from "./choice.tsx";
import type { RunSource } from "./run.ts";
import { EVERY_WORKSPACE, PRESETS, type Preset, rangeOfPreset, type StartForm } from "./start-form.ts";

/** Source, how, what, range, mode; besides, for an admin over all workspaces, which of them. */
export function StartFields({
  form,
  onChange,
  sources,
  connected,
}: {
  form: StartForm;
  onChange: (form: StartForm) => void;
  sources: readonly RunSource[];
  connected: readonly Provider[];
}) {
  const everyName = connected.map((provider) => PROVIDERS[provider].label).join(" and ");
  return (
    <>
      {sources.length > 1 && (
        <Field label="Workspace">
          <Select
            value={form.workspaceId}
            options={[
              { value: EVERY_WORKSPACE, label: `All ${sources.length} workspaces` },
              ...sources.map(({ id, name }) => ({ value: id, label: name })),
            ]}
            onChange={(workspaceId) => onChange({ ...form, workspaceId, source: "all" })}
          />
        </Field>
      )}
      <Field label="Source" hint={connected.length === 0 ? "Nothing is connected here yet." : undefined}>
        <Select
          value={form.source}
          disabled={connected.length === 0}
          options={
            connected.length === 1
              ? [{ value: "all" as const, label: everyName }]
              : [
                  { value: "all" as const, label: everyName || "none" },
                  ...connected.map((provider) => ({
                    value: provider,
                    label: `${PROVIDERS[provider].label} only`,
                  })),
                ]
          }
          onChange={(source) => onChange({ ...form, source })}
        />
      </Field>
      <Choice
        legend="How"
        value={form.way}
        options={[
          { value: "sweep", label: "By calendar" },
          { value: "lookup", label: "Lead by lead" },
        ]}
        onChange={(way) => onChange({ ...form, way })}
      />
      <p className="-mt-3 text-xs text-ink-3">
        {form.way === "lookup"
          ? "Asks for every lead whose claim, or else whose meeting, is of these days. For accounts whose token does not see everybody."
          : "Reads whole days of the calendars. Its cost grows with meetings, not with leads."}
      </p>
      <Choice
        legend="What"
        value={form.evidenceOnly ? "evidence" : "everything"}
        options={[
          { value: "everything", label: "Meetings and what follows" },
          { value: "evidence", label: "Evidence only" },
        ]}
        onChange={(value) => onChange({ ...form, evidenceOnly: value === "evidence" })}
      />
      <p className="-mt-3 text-xs text-ink-3">
        {form.evidenceOnly
          ? "No status, task or sequence changes."
          : "Statuses, tasks and sequences follow the evidence, as with a webhook. Losses that are too old make no task."}
      </p>
      <Range form={form} onChange={onChange} />
      <Choice
        legend="Mode"
        value={form.mode}
        options={[
          { value: "run", label: "Run" },
          { value: "dry", label: "Dry run" },
        ]}
        onChange={(mode) => onChange({ ...form, mode })}
      />
      <p className="-mt-3 text-xs text-ink-3">
        {form.mode === "dry"
          ? "Counts what would change and writes nothing."
          : "Writes as it goes, page by page."}
      </p>
      <Field label="Note" hint="Shown with the run. May stay empty.">
        <Input
          value={form.note}
          maxLength={500}
          onChange={(event) => onChange({ ...form, note: event.target.value })}
        />
      </Field>
    </>
  );
}

function Range({ form, onChange }: { form: StartForm; onChange: (form: StartForm) => void }) {
  const choose = (value: string) => {
    const preset = PRESETS.find((days) => String(days) === value);
    if (preset === undefined) onChange({ ...form, preset: "custom" });
    else onChange({ ...form, preset, ...rangeOfPreset(preset satisfies Preset, readNowMs()) });
  };
  const isUpsideDown = form.firstDay > form.lastDay;
  return (
    <div className="grid gap-2.5">
      <Choice
        legend="Range"
        value={String(form.preset)}
        options={[
          ...PRESETS.map((days) => ({ value: String(days), label: `Last ${days} d` })),
          { value: "custom", label: "Custom" },
        ]}
        onChange={choose}
      />
      <div className="flex flex-wrap gap-3">
        <Field label="First day" error={isUpsideDown ? "Lies after the last day." : null}>
          <Input
            type="date"
            value={form.firstDay}
            onChange={(event) => onChange({ ...form, preset: "custom", firstDay: event.target.value })}
          />
        </Field>
        <Field label="Last day">
          <Input
            type="date"
            value={form.lastDay}
            onChange={(event) => onChange({ ...form, preset: "custom", lastDay: event.target.value })}
          />
        </Field>
      </div>
    </div>
  );
}
