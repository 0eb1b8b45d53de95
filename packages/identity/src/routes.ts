// Every endpoint of identity, in one place.

import {
  adminClientCreate,
  adminClientDelete,
  adminClientGet,
  adminClientList,
  adminClientSecret,
  adminClientUpdate,
} from "./routes/admin-client.ts";
import { adminFactorDelete } from "./routes/admin-factor-delete.ts";
import { adminFactorList } from "./routes/admin-factor-list.ts";
import { adminGenerateLink } from "./routes/admin-generate-link.ts";
import { adminKeyList } from "./routes/admin-key-list.ts";
import { adminKeyRevoke } from "./routes/admin-key-revoke.ts";
import { adminKeyRotate } from "./routes/admin-key-rotate.ts";
import { adminPasskeyDelete } from "./routes/admin-passkey-delete.ts";
import { adminPasskeyList } from "./routes/admin-passkey-list.ts";
import { adminServiceKeyRevoke } from "./routes/admin-service-key-revoke.ts";
import { adminUserCreate } from "./routes/admin-user-create.ts";
import { adminUserDelete } from "./routes/admin-user-delete.ts";
import { adminUserGet } from "./routes/admin-user-get.ts";
import { adminUserList } from "./routes/admin-user-list.ts";
import { adminUserUpdate } from "./routes/admin-user-update.ts";
import { factorChallenge } from "./routes/factor-challenge.ts";
import { factorEnrol } from "./routes/factor-enrol.ts";
import { factorRemove } from "./routes/factor-remove.ts";
import { factorVerify } from "./routes/factor-verify.ts";
import { health } from "./routes/health.ts";
import { identityLink } from "./routes/identity-link.ts";
import { identityRemove } from "./routes/identity-remove.ts";
import { impersonationBegin } from "./routes/impersonation-begin.ts";
import { invite } from "./routes/invite.ts";
import { jwks } from "./routes/jwks.ts";
import { logout } from "./routes/logout.ts";
import { oauthAuthorization } from "./routes/oauth-authorization.ts";
import { oauthAuthorize } from "./routes/oauth-authorize.ts";
import { oauthConsent } from "./routes/oauth-consent.ts";
import { oauthGrantList, oauthGrantRemove } from "./routes/oauth-grants.ts";
import { oauthServerMetadata, oauthServerMetadataOfPath, openidConfiguration } from "./routes/oauth-metadata.ts";
import { oauthRegister } from "./routes/oauth-register.ts";
import { oauthToken } from "./routes/oauth-token.ts";
import { oauthUserinfo } from "./routes/oauth-userinfo.ts";
import { magicLink, otp } from "./routes/otp.ts";
import { passkeyAuthenticationOptions } from "./routes/passkey-authentication-options.ts";
import { passkeyAuthenticationVerify } from "./routes/passkey-authentication-verify.ts";
import { passkeyList } from "./routes/passkey-list.ts";
import { passkeyRegistrationOptions } from "./routes/passkey-registration-options.ts";
import { passkeyRegistrationVerify } from "./routes/passkey-registration-verify.ts";
import { passkeyRemove } from "./routes/passkey-remove.ts";
import { passkeyRename } from "./routes/passkey-rename.ts";
import { providerAuthorize } from "./routes/provider-authorize.ts";
import { providerCallback, providerCallbackForm } from "./routes/provider-callback.ts";
import { reauthenticate } from "./routes/reauthenticate.ts";
import { recover } from "./routes/recover.ts";
import { recoveryCodesGet } from "./routes/recovery-codes-get.ts";
import { recoveryCodesMake } from "./routes/recovery-codes-make.ts";
import { recoveryCodesRemake } from "./routes/recovery-codes-remake.ts";
import { recoveryCodesRemove } from "./routes/recovery-codes-remove.ts";
import { recoveryCodesVerify } from "./routes/recovery-codes-verify.ts";
import { resend } from "./routes/resend.ts";
import type { AddRoute } from "./routes/route.ts";
import { sessionEnd } from "./routes/session-end.ts";
import { sessionList } from "./routes/session-list.ts";
import { settings } from "./routes/settings.ts";
import { signUp } from "./routes/sign-up.ts";
import { switchedOff } from "./routes/switched-off.ts";
import { token } from "./routes/token.ts";
import { userDelete } from "./routes/user-delete.ts";
import { userGet } from "./routes/user-get.ts";
import { userPut } from "./routes/user-put.ts";

import { verify } from "./routes/verify.ts";
import { verifyConfirm, verifyLook } from "./routes/verify-link.ts";

export const routes: Readonly<Record<string, AddRoute>> = {
  "GET /health": health,
  "GET /settings": settings,
  "GET /.well-known/jwks.json": jwks,
  "GET /.well-known/openid-configuration": openidConfiguration,
  "GET /.well-known/oauth-authorization-server": oauthServerMetadata,
  "GET /.well-known/oauth-authorization-server/auth/v1": oauthServerMetadataOfPath,
  "GET /authorize": providerAuthorize,
  "GET /callback": providerCallback,
  "POST /callback": providerCallbackForm,
  "GET /user/identities/authorize": identityLink,
  "DELETE /user/identities/:id": identityRemove,
  "GET /oauth/authorize": oauthAuthorize,
  "GET /oauth/authorizations/:id": oauthAuthorization,
  "POST /oauth/authorizations/:id/consent": oauthConsent,
  "POST /oauth/token": oauthToken,
  "GET /oauth/userinfo": oauthUserinfo,
  "POST /oauth/clients/register": oauthRegister,
  "GET /user/oauth/grants": oauthGrantList,
  "DELETE /user/oauth/grants": oauthGrantRemove,
  "GET /admin/oauth/clients": adminClientList,
  "POST /admin/oauth/clients": adminClientCreate,
  "GET /admin/oauth/clients/:id": adminClientGet,
  "PUT /admin/oauth/clients/:id": adminClientUpdate,
  "DELETE /admin/oauth/clients/:id": adminClientDelete,
  "POST /admin/oauth/clients/:id/regenerate_secret": adminClientSecret,
  "POST /signup": signUp,
  "POST /token": token,
  "POST /otp": otp,
  "POST /magiclink": magicLink,
  "POST /recover": recover,
  "POST /resend": resend,
  "POST /verify": verify,
  "GET /verify": verifyLook,
  "POST /verify/confirm": verifyConfirm,
  "GET /user": userGet,
  "PUT /user": userPut,
  "DELETE /user": userDelete,
  "GET /reauthenticate": reauthenticate,
  "POST /logout": logout,
  "GET /user/sessions": sessionList,
  "DELETE /user/sessions/:id": sessionEnd,
  "POST /factors": factorEnrol,
  "POST /factors/:id/challenge": factorChallenge,
  "POST /factors/:id/verify": factorVerify,
  "DELETE /factors/:id": factorRemove,
  "GET /factors/recovery-codes": recoveryCodesGet,
  "POST /factors/recovery-codes": recoveryCodesMake,
  "POST /factors/recovery-codes/regenerate": recoveryCodesRemake,
  "POST /factors/recovery-codes/verify": recoveryCodesVerify,
  "DELETE /factors/recovery-codes": recoveryCodesRemove,
  "POST /passkeys/registration/options": passkeyRegistrationOptions,
  "POST /passkeys/registration/verify": passkeyRegistrationVerify,
  "POST /passkeys/authentication/options": passkeyAuthenticationOptions,
  "POST /passkeys/authentication/verify": passkeyAuthenticationVerify,
  "GET /passkeys": passkeyList,
  "PATCH /passkeys/:id": passkeyRename,
  "DELETE /passkeys/:id": passkeyRemove,
  "POST /impersonations": impersonationBegin,
  "GET /admin/keys": adminKeyList,
  "POST /admin/keys": adminKeyRotate,
  "DELETE /admin/keys/:kid": adminKeyRevoke,
  "DELETE /admin/service-keys/:id": adminServiceKeyRevoke,
  "POST /invite": invite,
  "POST /admin/generate_link": adminGenerateLink,
  "GET /admin/users": adminUserList,
  "POST /admin/users": adminUserCreate,
  "GET /admin/users/:id": adminUserGet,
  "PUT /admin/users/:id": adminUserUpdate,
  "DELETE /admin/users/:id": adminUserDelete,
  "GET /admin/users/:id/factors": adminFactorList,
  "DELETE /admin/users/:id/factors/:factor": adminFactorDelete,
  "GET /admin/users/:id/passkeys": adminPasskeyList,
  "DELETE /admin/users/:id/passkeys/:passkey": adminPasskeyDelete,
  ...switchedOff,
};
