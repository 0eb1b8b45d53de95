import { randomBytes } from "node:crypto";

const tokenBytes = 32;

/** 256 random bits, as base64url: good for a state, a nonce and a PKCE verifier. */
export const randomToken = (): string => randomBytes(tokenBytes).toString("base64url");
