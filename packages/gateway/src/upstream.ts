export { createTokenVerifier, type TokenVerifier, type TokenVerifierOptions } from "./token-verifier.ts";
export { type OwnProblem, type SubjectPluginOptions, subjectPlugin } from "./upstream/subject-plugin.ts";
export { guardPeers, upstreamTlsOptions } from "./upstream/tls.ts";
