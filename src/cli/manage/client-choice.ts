import { readFileSync } from 'node:fs';
import { AppError } from '../../errors.ts';
import { longGrant } from '../admin/client-flags.ts';
import { type DemandFlags, demandFields, demandsFromFlags } from '../admin/demand-flags.ts';
import type { ApiFlags } from './flags.ts';
import type { Permissions } from './permissions.ts';

/** What is chosen about a program, as flags; `false` takes away what it had. */
export type ChosenFlags = ApiFlags &
  DemandFlags & {
    name?: string;
    auth?: string;
    grant?: string[];
    allow?: Permissions;
    defaultResource?: string | false;
    jwks?: string | false;
    jwksUri?: string;
    dpop?: boolean;
  };

/** The flag for each field of the management API. */
export const fields = {
  client_id: '<program>',
  client_name: '--name',
  token_endpoint_auth_method: '--auth',
  grant_types: '--grant',
  resources: '--allow',
  default_resource: '--default-resource',
  jwks: '--jwks',
  jwks_uri: '--jwks-uri',
  dpop_bound_access_tokens: '--dpop',
  ...demandFields,
};

/** The fields that these flags choose, and no other. Of file and address of the keys, one takes the place of the other. */
export function readChosen(flags: ChosenFlags): Record<string, unknown> {
  const { name, auth, grant, allow, defaultResource, jwks, jwksUri, dpop } = flags;
  if (jwks !== undefined && jwksUri !== undefined) {
    throw new AppError('usage', 'Give either --jwks or --jwks-uri, not both');
  }
  return {
    ...(name !== undefined && { client_name: name }),
    ...(auth !== undefined && { token_endpoint_auth_method: auth }),
    ...(grant && { grant_types: grant.map(longGrant) }),
    ...(allow && { resources: allow }),
    ...(defaultResource !== undefined && { default_resource: defaultResource || null }),
    ...(jwks === false && { jwks: null, jwks_uri: null }),
    ...(jwks && { jwks: readKeys(jwks), jwks_uri: null }),
    ...(jwksUri !== undefined && { jwks: null, jwks_uri: jwksUri }),
    ...(dpop !== undefined && { dpop_bound_access_tokens: dpop }),
    ...Object.fromEntries(Object.entries(demandsFromFlags(flags)).filter(([, value]) => value !== undefined)),
  };
}

function readKeys(path: string): unknown {
  const read = () => {
    try {
      return readFileSync(path, 'utf8');
    } catch (cause) {
      throw new AppError('usage', `--jwks: ${path} cannot be read`, { cause });
    }
  };
  const text = read();
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError('usage', `--jwks: ${path} is not JSON`, { cause });
  }
}
