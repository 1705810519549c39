import type { Deps } from "#server/deps.ts";
import { AppError, conflict } from "#server/lib/errors.ts";

export type NewUser = {
  email: string;
  name: string;
  password: string;
  /** `admin` is instance-wide; everybody else has memberships. */
  role: "admin" | "user";
  timezone?: string;
};

/** As the sign-in library asks of people who choose one themselves. */
const MIN_PASSWORD_LENGTH = 10;

type UserDeps = Pick<Deps, "auth" | "db">;

/** Somebody who can sign in from now on. Throws 409 `user_exists` when the address has an account. */
export async function createUser({ auth, db }: UserDeps, user: NewUser): Promise<{ id: string }> {
  requirePassword(user.password);
  const email = user.email.trim().toLowerCase();
  const known = await db.user.findUnique({ where: { email }, select: { id: true } });
  if (known) throw conflict("user_exists", "Somebody has this address already.");
  const created = await auth.api.createUser({
    body: {
      email,
      name: user.name,
      password: user.password,
      role: user.role,
      data: user.timezone ? { timezone: user.timezone } : {},
    },
  });
  return { id: created.user.id };
}

/** A first password for somebody who was invited, or a new one; ends every session that the old one opened. */
export async function setPassword(
  { auth, db }: UserDeps,
  { email, password }: { email: string; password: string },
): Promise<void> {
  requirePassword(password);
  const user = await db.user.findUnique({ where: { email: email.trim().toLowerCase() } });
  if (!user) throw new AppError("not_found", "Nobody has this address.");
  const { password: passwords, internalAdapter } = await auth.$context;
  const hash = await passwords.hash(password);
  const accounts = await internalAdapter.findAccounts(user.id);
  if (accounts.some((account) => account.providerId === "credential")) {
    await internalAdapter.updatePassword(user.id, hash);
  } else {
    await internalAdapter.linkAccount({
      providerId: "credential",
      accountId: user.id,
      userId: user.id,
      password: hash,
    });
  }
  await internalAdapter.deleteUserSessions(user.id);
}

function requirePassword(password: string): void {
  if (password.length >= MIN_PASSWORD_LENGTH && password.length <= 128) return;
  throw new AppError(
    "bad_password",
    `A password has at least ${MIN_PASSWORD_LENGTH} characters, and at most 128.`,
  );
}
