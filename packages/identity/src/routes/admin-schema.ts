// The body that creates or changes an account, and how it is read.

import type { AdministratorChange } from "../account/administer-account.ts";
import { readBan } from "../account/ban-duration.ts";
import type { Metadata } from "../account/metadata.ts";
import { IdentityError } from "../error/identity-error.ts";
import { readStoredHash, storedHashCharactersMax } from "../password/stored-hash.ts";
import { readPhone } from "../phone/phone-number.ts";
import { emailSchema, metadataSchema, passwordSchema, textSchema, uuidSchema } from "../request/body-schema.ts";

export interface AdminBody {
  readonly id?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly email_confirm?: boolean;
  readonly phone_confirm?: boolean;
  readonly password?: string;
  readonly password_hash?: string;
  readonly role?: string;
  readonly ban_duration?: string;
  readonly user_metadata?: Metadata | null;
  readonly app_metadata?: Metadata | null;
}

export const adminBody = {
  type: "object",
  properties: {
    id: uuidSchema,
    email: emailSchema,
    phone: textSchema,
    email_confirm: { type: "boolean" },
    phone_confirm: { type: "boolean" },
    password: passwordSchema,
    password_hash: { type: "string", maxLength: storedHashCharactersMax },
    role: textSchema,
    ban_duration: textSchema,
    user_metadata: metadataSchema,
    app_metadata: metadataSchema,
  },
} as const;

/** @throws IdentityError validation_failed */
export function readAdminBody(body: AdminBody, now: number): AdministratorChange {
  if (body.role !== undefined && body.role !== "authenticated") {
    // The database role of a person is always authenticated; roles of the policy are app_metadata.roles.
    throw new IdentityError("validation_failed", { message: "role must be authenticated" });
  }
  const { email, password, ban_duration: ban, user_metadata: userMetadata, app_metadata: appMetadata } = body;
  return {
    ...(email === undefined ? {} : { email }),
    ...(body.email_confirm === undefined ? {} : { isEmailConfirmed: body.email_confirm }),
    ...(body.phone === undefined || body.phone === "" ? {} : { phone: readPhone(body.phone) }),
    ...(body.phone_confirm === undefined ? {} : { isPhoneConfirmed: body.phone_confirm }),
    ...(password === undefined ? {} : { password }),
    ...readPasswordHash(body),
    ...(userMetadata === undefined || userMetadata === null ? {} : { userMetadata }),
    ...(appMetadata === undefined || appMetadata === null ? {} : { appMetadata }),
    ...(ban === undefined ? {} : { bannedUntil: readBan(ban, now) }),
  };
}

/** @throws IdentityError validation_failed */
function readPasswordHash({ password, password_hash: hash }: AdminBody): { readonly passwordHash?: string } {
  if (hash === undefined || hash === "") return {};
  if (password !== undefined) {
    throw new IdentityError("validation_failed", { message: "Only a password or a password hash should be provided" });
  }
  if (readStoredHash(hash) === null) {
    const message =
      "Invalid password hash: argon2id, argon2i, bcrypt or Firebase scrypt, within the limits of its cost";
    throw new IdentityError("validation_failed", { message });
  }
  return { passwordHash: hash };
}
