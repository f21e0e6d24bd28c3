"""A token a line on stdin, a JSON answer a line on stdout: one PyJWT verifier with its cache, for as long as it runs."""

import json
import sys

import jwt

sys.path.insert(0, sys.argv[1])
from gatehouse_tokens import Verifier  # noqa: E402

verifier = Verifier(sys.argv[2])
print(json.dumps({"ready": jwt.__version__}), flush=True)
for line in sys.stdin:
    try:
        answer = {"sub": verifier.claims(line.strip())["sub"]}
    except jwt.PyJWTError as error:
        answer = {"refused": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
