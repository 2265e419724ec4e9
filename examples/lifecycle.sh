#!/usr/bin/env bash
# The story of one person's rights, step by step, against a running server:
#
#   caurlaide serve --demo            (in another terminal; it prints addresses and tokens)
#   examples/lifecycle.sh http://localhost:8080/t/berzaine TOKEN
#
# TOKEN may read, write and administer the tenant, as the ones of the demonstration do. Everything the story needs it makes by
# itself, under names of this run; it ends with a line that says so, and with 1 at the first step that is not as told.
set -euo pipefail
case "${1:-}" in
    http*) [ $# = 2 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 2; } ;;
    *) sed -n '2,8s/^# \{0,1\}//p' "$0"; [ "${1:-}" = --help ] && exit 0 || exit 2 ;;
esac
for program in curl jq openssl; do
    command -v "$program" >/dev/null || { echo "This needs $program." >&2; exit 2; }
done
tenant=${1%/} token=$2
scim=$tenant/scim/v2 api=$tenant/api/v1
run=$(date +%s)-$$
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

step() { printf '\n%2d  %s\n' "$((number += 1))" "$1"; }
number=0
say() { printf '    %s\n' "$1"; }
fail() { printf '    NOT AS TOLD: %s\n' "$1" >&2; exit 1; }
# is WHAT ACTUAL EXPECTED
is() { [ "$2" = "$3" ] || fail "$1 is $2, and should be $3"; say "$1: $2"; }

# call TOKEN METHOD URL [BODY [HEADER]]: prints the answer. Its status is in $work/status, its ETag in $work/etag.
call() {
    local media=application/json
    case $3 in */scim/v2/*) media=application/scim+json ;; esac
    local arguments=(-sS -X "$2" -H "Authorization: Bearer $1" -H "Content-Type: $media" -D "$work/headers")
    [ -z "${5:-}" ] || arguments+=(-H "$5")
    [ -z "${4:-}" ] || arguments+=(--data-binary "$4")
    curl "${arguments[@]}" -o "$work/body" -w '%{http_code}' "$3" >"$work/status"
    tr -d '\r' <"$work/headers" | sed -n 's/^[Ee][Tt][Aa][Gg]: //p' >"$work/etag"
    cat "$work/body"
}
# wants STATUS TOKEN METHOD URL [BODY [HEADER]]
wants() {
    local wanted=$1; shift
    call "$@"
    [ "$(cat "$work/status")" = "$wanted" ] || { cat "$work/body" >&2; fail "$2 $3 was answered $(cat "$work/status"), not $wanted"; }
}
id() { jq -r .id; }

# People call with tokens of an identity provider; here is a small one, with a key of its own.
base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/key" 2>/dev/null
modulus=$(openssl rsa -in "$work/key" -noout -modulus | cut -d= -f2 | sed 's/../\\x&/g')
# shellcheck disable=SC2059 # the text is bytes
modulus=$(printf "$modulus" | base64url)
issuer=https://id.example/$run
person() {
    local now; now=$(date +%s)
    local head claims
    head=$(printf '{"alg":"RS256","kid":"k","typ":"JWT"}' | base64url)
    claims=$(jq -cn --arg iss "$issuer" --arg sub "$1" --argjson now "$now" \
        '{iss: $iss, aud: "caurlaide", sub: $sub, nbf: ($now - 5), exp: ($now + 3600), acr: "http://eidas.europa.eu/LoA/high"}' | base64url)
    printf '%s.%s.%s' "$head" "$claims" "$(printf '%s.%s' "$head" "$claims" | openssl dgst -sha256 -sign "$work/key" -binary | base64url)"
}
# hired NAME TITLE MANAGER [ID]: what HR writes of somebody.
hired() {
    jq -n --arg name "$1-$run" --arg title "$2" --arg manager "$3" --arg unit "TAX-$run" '{
        schemas: ["urn:ietf:params:scim:schemas:core:2.0:User",
                  "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
                  "urn:caurlaide:scim:schemas:extension:municipal:2.0:User"],
        userName: $name, displayName: $name, title: $title, active: true,
        "urn:caurlaide:scim:schemas:extension:municipal:2.0:User":
            {assuranceLevel: "high", employments: [{value: "1", organisationUnit: $unit, position: $title, type: "employee"}]}
    } + if $manager == "" then {} else
        {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {manager: {value: $manager}}} end'
}
patch() { jq -cn --argjson operations "$1" '{schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: $operations}'; }
members() { wants 200 "$token" GET "$scim/Groups/$1" | jq -r '[.members[]?.value] | sort | join(" ")'; }
has() { case " $(members "$1") " in *" $2 "*) echo yes ;; *) echo no ;; esac; }
# decide PERSON ITEM
decide() {
    wants 200 "$token" GET "$api/request-items/$2" >/dev/null
    local version; version=$(cat "$work/etag")
    wants 200 "$(person "$1-$run")" POST "$api/request-items/$2/votes" '{"decision":"approve"}' "If-Match: $version"
}

step "The tenant trusts its identity provider, and has a tax office"
wants 201 "$token" POST "$api/issuers" "$(jq -n --arg iss "$issuer" --arg n "$modulus" '{
    name: "Single sign-on", issuer: $iss, audiences: ["caurlaide"], algorithms: ["RS256"], linkBy: "userName", scopes: ["rights"],
    jwks: {keys: [{kty: "RSA", kid: "k", alg: "RS256", use: "sig", n: $n, e: "AQAB"}]}}')" >/dev/null
city=$(wants 200 "$token" GET "$api/organisation-units?kind=municipality" | jq -r '.items[0].id')
unit=$(wants 201 "$token" POST "$api/organisation-units" "$(jq -n --arg code "TAX-$run" --arg parent "$city" \
    '{kind: "institution", code: $code, name: "Tax office", parent: $parent}')" | id)
say "organisation unit $unit"

step "HR writes her colleagues by SCIM"
zane=$(wants 201 "$token" POST "$scim/Users" "$(hired zane Director "")" | id)
mara=$(wants 201 "$token" POST "$scim/Users" "$(hired mara 'Head of unit' "$zane")" | id)
oskars=$(wants 201 "$token" POST "$scim/Users" "$(hired oskars 'System owner' "$zane")" | id)
ilze=$(wants 201 "$token" POST "$scim/Users" "$(hired ilze 'Deputy of Māra' "$zane")" | id)
say "Māra leads the unit, Oskars answers for the application, Ilze stands in for Māra"

step "Two applications, and what may be had of them"
tax=$(wants 201 "$token" POST "$api/applications" \
    "$(jq -n --arg code "tax-$run" --arg owner "$oskars" '{code: $code, name: "Property tax", owner: $owner, released: ["userName"]}')" | id)
documents=$(wants 201 "$token" POST "$api/applications" \
    "$(jq -n --arg code "documents-$run" --arg owner "$oskars" '{code: $code, name: "Documents", owner: $owner}')" | id)
# entitlement APPLICATION CODE RISK: its group
entitlement() {
    local group
    group=$(wants 201 "$token" POST "$scim/Groups" \
        "$(jq -n --arg name "$2-$run" '{schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: $name}')" | id)
    wants 201 "$token" POST "$api/applications/$1/entitlements" "$(jq -n --arg group "$group" --arg code "$2" --argjson risk "$3" \
        '{group: $group, code: $code, names: {en: $code}, authority: "grants", requestable: true, risk: $risk, duration: {longest: 31536000, extensions: 3}, purpose: "Property tax"}')" >/dev/null
    echo "$group"
}
assess=$(entitlement "$tax" assess 2)
collect=$(entitlement "$tax" collect 2)
write=$(entitlement "$documents" write 1)
client=$(wants 201 "$token" POST "$api/clients" \
    "$(jq -n --arg application "$tax" --arg name "tax-$run" '{name: $name, applicationId: $application}')" | id)
reader=$(wants 201 "$token" POST "$api/clients/$client/tokens" '{"scopes":["app.read"]}' | jq -r .secret)
say "property tax: assess, collect; documents: write"

step "Rules: whoever assesses does not collect; whoever works in the tax office writes documents"
wants 201 "$token" POST "$api/sod-rules" "$(jq -n --arg one "$assess" --arg other "$collect" --arg name "Assessing and collecting $run" \
    '{name: $name, one: [$one], other: [$other], mode: "requireException"}')" >/dev/null
wants 201 "$token" POST "$api/birthright-rules" "$(jq -n --arg unit "$unit" --arg group "$write" --arg name "Documents $run" \
    '{name: $name, when: {within: $unit}, entitlements: [$group]}')" >/dev/null

step "HR creates Anna by SCIM"
anna=$(wants 201 "$token" POST "$scim/Users" "$(hired anna Assessor "$mara")" | id)
is "she writes documents, because she works there" "$(has "$write" "$anna")" yes

step "She asks for the right to assess, and sees first who will decide"
wish=$(jq -n --arg group "$assess" '{justification: "Takes over from Ilze", items: [{kind: "grant", entitlement: $group, days: 90}]}')
wants 200 "$(person "anna-$run")" POST "$api/requests?dryRun=true" "$wish" | jq -r '.items[0].stages[] | "    stage \(.number): \(.state)"'
request=$(wants 201 "$(person "anna-$run")" POST "$api/requests" "$wish" "Idempotency-Key: ask-$run")
item=$(jq -r '.items[0].id' <<<"$request")
again=$(wants 201 "$(person "anna-$run")" POST "$api/requests" "$wish" "Idempotency-Key: ask-$run")
is "sent once more it is the same request" "$(jq -r .number <<<"$again")" "$(jq -r .number <<<"$request")"

step "Māra is away: Ilze decides for her, and then Oskars, who answers for the application"
today=$(TZ=Europe/Riga date +%F) month=$(date -u -d '+20 days' +%F 2>/dev/null || date -u -v+20d +%F)
wants 201 "$(person "mara-$run")" POST "$api/delegations" "$(jq -n --arg delegate "$ilze" --arg from "$today" --arg until "$month" \
    '{delegate: $delegate, duties: ["approvals"], from: $from, until: $until, reason: "Holidays"}')" >/dev/null
call "$(person "anna-$run")" POST "$api/request-items/$item/votes" '{"decision":"approve"}' 'If-Match: W/"1"' >/dev/null
case $(cat "$work/status") in 4*) say "she may not decide about herself: $(jq -r .detail "$work/body")" ;; *) fail "she decided about herself" ;; esac
decide ilze "$item" | jq -r '.stages[0].votes[] | "    a vote of \(.voter) for \(.onBehalfOf // "nobody else")"'
decide oskars "$item" >/dev/null
is "the item" "$(wants 200 "$token" GET "$api/request-items/$item" | jq -r .state)" fulfilled

step "The application's own client sees her in its group at once"
is "members" "$(wants 200 "$reader" GET "$scim/Groups/$assess" | jq -r '[.members[].value] | join(" ")')" "$anna"

step "She asks for the right to collect, too: the conflict is shown"
other=$(jq -n --arg group "$collect" '{justification: "Helps out", items: [{kind: "grant", entitlement: $group, days: 30}]}')
wants 200 "$(person "anna-$run")" POST "$api/requests?dryRun=true" "$other" | jq -r '.items[0].conflicts[] | "    rule \(.rule), mode \(.mode)"' | tee "$work/conflicts"
[ -s "$work/conflicts" ] || fail "no conflict is shown"

step "She asks for half a year more, and both decide"
grant=$(wants 200 "$token" GET "$api/grants?user=$anna&entitlement=$assess&state=active" | jq -r '.items[0].id')
longer=$(date -u -d '+180 days' +%F 2>/dev/null || date -u -v+180d +%F)
more=$(wants 201 "$(person "anna-$run")" POST "$api/requests" "$(jq -n --arg grant "$grant" --arg until "$longer" \
    '{justification: "The assessment goes on", items: [{kind: "extend", grant: $grant, until: $until}]}')" | jq -r '.items[0].id')
decide ilze "$more" >/dev/null
[ "$(wants 200 "$token" GET "$api/request-items/$more" | jq -r .state)" = fulfilled ] || decide oskars "$more" >/dev/null
until=$(wants 200 "$token" GET "$api/grants/$grant" | jq -r .until)
case $until in "$longer"*) say "the grant ends $until" ;; *) fail "the grant ends $until, not $longer" ;; esac

step "HR moves her to another unit"
wants 201 "$token" POST "$api/organisation-units" "$(jq -n --arg code "OTH-$run" --arg parent "$city" \
    '{kind: "institution", code: $code, name: "School board", parent: $parent}')" >/dev/null
wants 200 "$token" PATCH "$scim/Users/$anna" "$(patch "$(jq -cn --arg unit "OTH-$run" '[{op: "replace",
    path: "urn:caurlaide:scim:schemas:extension:municipal:2.0:User:employments",
    value: [{value: "1", organisationUnit: $unit, position: "Clerk", type: "employee"}]}]')")" >/dev/null
say "she keeps what she asked for until her manager has looked at it, in a review that has just begun; what she had by her place is on its way out:"
wants 200 "$token" GET "$api/grants?user=$anna" | jq -r '.items[] | "    \(.source): \(.state)\(if .until then ", until " + .until else "" end)"'

step "An open request, and then HR says that she has left"
open=$(wants 201 "$(person "anna-$run")" POST "$api/requests" \
    "$(jq -n --arg grant "$grant" --arg until "$(date -u -d '+200 days' +%F 2>/dev/null || date -u -v+200d +%F)" \
    '{justification: "Longer still", items: [{kind: "extend", grant: $grant, until: $until}]}')" | jq -r '.items[0].id')
# In whole seconds, and later than all that she was given.
sleep 1
before=$(date -u +%FT%TZ)
wants 200 "$token" PATCH "$scim/Users/$anna" "$(patch '[{"op":"replace","path":"active","value":false}]')" >/dev/null
is "the application sees" "$(wants 200 "$reader" GET "$scim/Groups/$assess" | jq -r '[.members[]?.value] | length')" 0
is "groups of hers" "$(wants 200 "$token" GET "$scim/Users/$anna" | jq -r '[.groups[]?] | length')" 0
is "her open request" "$(wants 200 "$token" GET "$api/request-items/$open" | jq -r .state)" cancelled

step "She returns within thirty days"
wants 200 "$token" PATCH "$scim/Users/$anna" "$(patch '[{"op":"replace","path":"active","value":true}]')" >/dev/null
is "she assesses" "$(has "$assess" "$anna")" yes

step "Her rights are reviewed: who answers for the application does not let her keep one, and it closes by itself"
# comes STATE: waits until the review is in that state
comes() {
    local state
    for _ in $(seq 60); do
        state=$(wants 200 "$token" GET "$api/reviews/$review" | jq -r .state)
        [ "$state" != "$1" ] || { say "the review is $1"; return; }
        sleep 0.5
    done
    fail "the review is $state, and should be $1"
}
review=$(wants 201 "$token" POST "$api/reviews" "$(jq -n --arg user "$anna" --arg group "$assess" --arg name "After a move $run" \
    '{name: $name, scope: {user: $user, entitlements: [$group]}, reviewers: ["owner"]}')" | id)
comes active
item=$(wants 200 "$(person "oskars-$run")" GET "$api/reviews/$review/items" | jq -r '.items[0].id')
wants 200 "$(person "oskars-$run")" POST "$api/review-items/$item/decision" '{"verdict":"revoke","comment":"Works elsewhere now"}' |
    jq -r '"    \(.subjectName), \(.entitlementName): \(.state)"'
comes completed
is "she assesses" "$(has "$assess" "$anna")" no

step "Who had what, and why, before she left"
wants 200 "$token" GET "$api/holdings?user=$anna&at=$before" |
    jq -r '.items[] | "    \(.grant.entitlement) since \(.grant.from), by \(.grant.source)"' | tee "$work/held"
grep -q "$assess" "$work/held" || fail "what she had is not known"

printf '\nThe story went as told.\n'
