import type { User } from '../../iam/operation.ts';
import type { IssuedToken } from './tokens.ts';

export const authCookie = 'dcos-acs-auth-cookie';
const infoCookie = 'dcos-acs-info-cookie';

/** A browser keeps 4 KiB of a cookie; a description may be any text. */
const maxDescriptionUnits = 512;

/** `Lax`: no page of somebody else's sends it along with what changes something. */
function attributesOf(expiresAtMs: number, isSecure: boolean): string {
  const expires = new Date(expiresAtMs).toUTCString();
  return `; Path=/; Expires=${expires}; SameSite=Lax${isSecure ? '; Secure' : ''}`;
}

/** The two cookies of a login: the token, out of reach of scripts, and who it is, for them to show. */
export function loginCookies(user: User, { token, expiresAtMs }: IssuedToken, isSecure: boolean): string[] {
  const { uid, description, providerType } = user;
  const info = {
    uid,
    description: description.slice(0, maxDescriptionUnits),
    is_remote: providerType !== 'internal',
  };
  const attributes = attributesOf(expiresAtMs, isSecure);
  return [
    `${authCookie}=${token}${attributes}; HttpOnly`,
    `${infoCookie}=${Buffer.from(JSON.stringify(info)).toString('base64')}${attributes}`,
  ];
}

/** Both emptied, and expired since 1 January 2000. */
export function logoutCookies(isSecure: boolean): string[] {
  const attributes = attributesOf(Date.UTC(2000, 0, 1), isSecure);
  return [`${authCookie}=${attributes}; HttpOnly`, `${infoCookie}=${attributes}`];
}
