portal=http://localhost:3000
token=$(curl -s $portal/api/auth/login -H 'Content-Type: application/json' \
  -d '{"email":"ada@example.com","password":"…","use":"services"}' | jq -r .accessToken)
curl -s http://localhost:3013/api/workflows -H "Authorization: Bearer $token"
curl -s $portal/.well-known/jwks.json
curl -s $portal/api/auth/me -H "Authorization: Bearer $token"
