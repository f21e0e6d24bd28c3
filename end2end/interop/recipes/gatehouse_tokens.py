import jwt  # pip install 'pyjwt[crypto]'


class Verifier:
    def __init__(self, issuer, audience="workflow-api"):
        self.issuer, self.audience = issuer, audience
        # Made once. Keeps the keys for 10 minutes and looks again when a token names an unknown one.
        self.keys = jwt.PyJWKClient(f"{issuer}/.well-known/jwks.json", cache_jwk_set=True, lifespan=600)

    def claims(self, token):
        """The claims of a good token; raises jwt.PyJWTError for any other."""
        return jwt.decode(
            token,
            self.keys.get_signing_key_from_jwt(token).key,
            algorithms=["ES256"],
            issuer=self.issuer,
            audience=self.audience,
            options={"require": ["exp", "iat", "sub"]},
        )
