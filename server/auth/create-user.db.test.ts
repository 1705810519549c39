import { describe, expect, it } from "vitest";
import { buildUser } from "#server/testing/factories.ts";
import { setUpTestServer } from "#server/testing/start-test-server.ts";
import { createUser, setPassword } from "./create-user.ts";

const server = setUpTestServer();

async function signIn(email: string, password: string) {
  const response = await fetch(`${server.url}/api/auth/sign-in/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: server.url },
    body: JSON.stringify({ email, password }),
  });
  return { status: response.status, cookie: response.headers.getSetCookie().join("; ") };
}

const ada = { email: "Ada@x.example", name: "Ada Dorn", password: "correct-horse", role: "admin" as const };

describe("createUser", () => {
  it("makes somebody who can sign in, under an address in any letters", async () => {
    await createUser(server.deps, { ...ada, timezone: "Europe/London" });
    expect((await signIn("ada@x.example", ada.password)).status).toBe(200);
    expect((await signIn("ada@x.example", "wrong-horse")).status).toBe(401);
    expect(await server.db.user.findUniqueOrThrow({ where: { email: "ada@x.example" } })).toMatchObject({
      role: "admin",
      timezone: "Europe/London",
    });
  });

  it("refuses an address that has an account, and a short password", async () => {
    await expect(createUser(server.deps, ada)).rejects.toMatchObject({ code: "user_exists", status: 409 });
    const short = { ...ada, email: "bo@x.example", password: "short" };
    await expect(createUser(server.deps, short)).rejects.toMatchObject({ code: "bad_password" });
    expect(await server.db.user.count({ where: { email: "bo@x.example" } })).toBe(0);
  });
});

describe("setPassword", () => {
  it("lets somebody in who was invited without one", async () => {
    const { email } = await buildUser(server.db, { email: "invited@x.example" });
    expect((await signIn(email, "first-password")).status).toBe(401);
    await setPassword(server.deps, { email: "Invited@x.example", password: "first-password" });
    expect((await signIn(email, "first-password")).status).toBe(200);
  });

  it("ends what the former password opened", async () => {
    const person = { ...ada, email: "cleo@x.example", role: "user" as const };
    const { id } = await createUser(server.deps, person);
    await signIn(person.email, person.password);
    expect(await server.db.session.count({ where: { userId: id } })).toBe(1);
    await setPassword(server.deps, { email: person.email, password: "another-horse" });
    expect(await server.db.session.count({ where: { userId: id } })).toBe(0);
    expect((await signIn(person.email, person.password)).status).toBe(401);
    expect((await signIn(person.email, "another-horse")).status).toBe(200);
  });

  it("knows nobody else", async () => {
    const nobody = { email: "nobody@x.example", password: "long-enough-text" };
    await expect(setPassword(server.deps, nobody)).rejects.toMatchObject({ code: "not_found" });
  });
});
