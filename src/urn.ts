/** What the IETF's names of grant types begin with (RFC 6755 section 3). */
export const grantTypePrefix = 'urn:ietf:params:oauth:grant-type:';

/** The device authorization grant (RFC 8628 section 3.4). */
export const deviceGrant = `${grantTypePrefix}device_code` as const;

/** Token exchange (RFC 8693 section 2.1). */
export const exchangeGrant = `${grantTypePrefix}token-exchange` as const;

/** An OAuth access token, whatever it looks like (RFC 8693 section 3). */
export const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';

/** A JWT (RFC 8693 section 3). */
export const jwtType = 'urn:ietf:params:oauth:token-type:jwt';

/** A client's assertion that is a JWT (RFC 7523 section 2.2). */
export const jwtAssertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
