/** Somebody of the sandbox's demo world, as its control API tells it. */
export type SandboxPerson = {
  account: AccountName;
  name: string;
  email: string;
  phone: string | null;
  company: string;
  timezone: string;
  ghlContactId: string | null;
  story: string;
  isLead: boolean;
};

export type AccountName = "calendly-only" | "highlevel-only" | "both";

export async function loadPeople(sandboxUrl: string): Promise<SandboxPerson[]> {
  const { people } = await control<{ people: SandboxPerson[] }>(sandboxUrl, "GET", "/people");
  return people.filter((person) => person.isLead);
}

export async function control<T>(
  sandboxUrl: string,
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: unknown,
): Promise<T> {
  const response = await fetch(`${sandboxUrl}/control${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`The sandbox refused ${path} with ${response.status}.`);
  // The shapes are those of sandbox/README.md.
  return (await response.json()) as T;
}
