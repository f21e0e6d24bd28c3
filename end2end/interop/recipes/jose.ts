import { createRemoteJWKSet, jwtVerify } from 'jose'

export function verifier(issuer: string, audience = 'workflow-api') {
  // Made once. Keeps the keys for 10 minutes and looks again, at most twice a minute, when a token names an unknown one.
  const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`))

  return async (token: string) => {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ['ES256'],
      issuer,
      audience,
      typ: 'JWT',
      requiredClaims: ['sub', 'iat', 'exp'],
    })
    return payload // throws before this line for anything that is not a good token
  }
}
