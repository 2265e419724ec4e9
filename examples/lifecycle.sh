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
# hired NAME UNIT TITLE MANAGER: what HR writes of somebody.
hired() {
    jq -n --arg name "$1-$run" --arg unit "$2-$run" --arg title "$3" --arg manager "$4" '{
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

# in_days N: the date in that many days.
in_days() { date -u -d "+$1 days" +%F 2>/dev/null || date -u -v"+$1d" +%F; }
# comes WHAT EXPECTED COMMAND…: waits until the command prints that.
comes() {
    local what=$1 expected=$2 actual; shift 2
    for _ in $(seq 60); do
        actual=$("$@")
        [ "$actual" != "$expected" ] || break
        sleep 0.5
    done
    is "$what" "$actual" "$expected"
}

step "The tenant trusts its identity provider, and has a tax office and a school board"
wants 201 "$token" POST "$api/issuers" "$(jq -n --arg iss "$issuer" --arg n "$modulus" '{
    name: "Single sign-on", issuer: $iss, audiences: ["caurlaide"], algorithms: ["RS256"], linkBy: "userName", scopes: ["rights"],
    jwks: {keys: [{kty: "RSA", kid: "k", alg: "RS256", use: "sig", n: $n, e: "AQAB"}]}}')" >/dev/null
city=$(wants 200 "$token" GET "$api/organisation-units?kind=municipality" | jq -r '.items[0].id')
# institution CODE NAME: its id
institution() {
    wants 201 "$token" POST "$api/organisation-units" "$(jq -n --arg code "$1-$run" --arg name "$2" --arg parent "$city" \
        '{kind: "institution", code: $code, name: $name, parent: $parent}')" | id
}
office=$(institution TAX "Tax office")
board=$(institution EDU "School board")
say "organisation units $office and $board"

step "HR writes her colleagues by SCIM"
zane=$(wants 201 "$token" POST "$scim/Users" "$(hired zane TAX Director "")" | id)
mara=$(wants 201 "$token" POST "$scim/Users" "$(hired mara TAX 'Head of unit' "$zane")" | id)
dace=$(wants 201 "$token" POST "$scim/Users" "$(hired dace EDU 'Head of unit' "$zane")" | id)
oskars=$(wants 201 "$token" POST "$scim/Users" "$(hired oskars TAX 'System owner' "$zane")" | id)
ilze=$(wants 201 "$token" POST "$scim/Users" "$(hired ilze TAX 'Deputy of Māra' "$zane")" | id)
say "Māra leads the tax office and Dace the school board, Oskars answers for the application, Ilze stands in for Māra"

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
view=$(entitlement "$tax" view 1)
write=$(entitlement "$documents" write 1)
client=$(wants 201 "$token" POST "$api/clients" \
    "$(jq -n --arg application "$tax" --arg name "tax-$run" '{name: $name, applicationId: $application}')" | id)
reader=$(wants 201 "$token" POST "$api/clients/$client/tokens" '{"scopes":["app.read"]}' | jq -r .secret)
say "property tax: assess, collect, view; documents: write"

step "Rules: whoever assesses does not collect; whoever works in the tax office writes documents"
rule=$(wants 201 "$token" POST "$api/sod-rules" "$(jq -n --arg one "$assess" --arg other "$collect" --arg name "Assessing and collecting $run" \
    '{name: $name, one: [$one], other: [$other], mode: "requireException"}')" | id)
wants 201 "$token" POST "$api/birthright-rules" "$(jq -n --arg unit "$office" --arg group "$write" --arg name "Documents $run" \
    '{name: $name, when: {within: $unit}, entitlements: [$group]}')" >/dev/null

step "HR creates Anna by SCIM"
anna=$(wants 201 "$token" POST "$scim/Users" "$(hired anna TAX Assessor "$mara")" | id)
is "she writes documents, because she works there" "$(has "$write" "$anna")" yes

step "She would like to assess and to collect property tax: the conflict is shown, and who would decide"
# wish GROUP…: what she would ask for
wish() {
    jq -n --args '{justification: "Takes over from Ilze", items: [$ARGS.positional[] | {kind: "grant", entitlement: ., days: 90}]}' "$@"
}
both=$(wants 200 "$(person "anna-$run")" POST "$api/requests?dryRun=true" "$(wish "$assess" "$collect")")
is "the rule in the way of each" "$(jq -r '[.items[].conflicts[].rule] | unique | join(" ")' <<<"$both")" "$rule"
is "unless there is an exception" "$(jq -r '[.items[].conflicts[].mode] | unique | join(" ")' <<<"$both")" requireException
is "who would decide first, Māra" "$(jq -r '[.items[].stages[0].approvers[].id] | unique | join(" ")' <<<"$both")" "$mara"

step "So she asks for the right to assess, and to view what was collected"
wish=$(wish "$assess" "$view")
request=$(wants 201 "$(person "anna-$run")" POST "$api/requests" "$wish" "Idempotency-Key: ask-$run")
is "conflicts" "$(jq '[.items[].conflicts[]?] | length' <<<"$request")" 0
to_assess=$(jq -r '.items[0].id' <<<"$request") to_view=$(jq -r '.items[1].id' <<<"$request")
again=$(wants 201 "$(person "anna-$run")" POST "$api/requests" "$wish" "Idempotency-Key: ask-$run")
is "sent once more it is the same request" "$(jq -r .number <<<"$again")" "$(jq -r .number <<<"$request")"

step "Māra is away: Ilze decides for her, and then Oskars, who answers for the application"
today=$(TZ=Europe/Riga date +%F)
wants 201 "$(person "mara-$run")" POST "$api/delegations" "$(jq -n --arg delegate "$ilze" --arg from "$today" --arg until "$(in_days 20)" \
    '{delegate: $delegate, duties: ["approvals"], from: $from, until: $until, reason: "Holidays"}')" >/dev/null
call "$(person "anna-$run")" POST "$api/request-items/$to_assess/votes" '{"decision":"approve"}' 'If-Match: W/"1"' >/dev/null
case $(cat "$work/status") in 4*) say "she may not decide about herself: $(jq -r .detail "$work/body")" ;; *) fail "she decided about herself" ;; esac
decide ilze "$to_assess" | jq -r '.stages[0].votes[] | "    a vote of \(.voter) for \(.onBehalfOf // "nobody else")"'
decide ilze "$to_view" >/dev/null
decide oskars "$to_assess" >/dev/null
for item in "$to_assess" "$to_view"; do
    is "the item" "$(wants 200 "$token" GET "$api/request-items/$item" | jq -r .state)" fulfilled
done

step "The application's own client sees her in its groups at once"
# reads GROUP: its members, as the application reads them
reads() { wants 200 "$reader" GET "$scim/Groups/$1" | jq -r '[.members[]?.value] | join(" ")'; }
is "who assesses" "$(reads "$assess")" "$anna"
is "who views" "$(reads "$view")" "$anna"

step "She asks for half a year more, and both decide"
grant=$(wants 200 "$token" GET "$api/grants?user=$anna&entitlement=$assess&state=active" | jq -r '.items[0].id')
longer=$(in_days 180)
more=$(wants 201 "$(person "anna-$run")" POST "$api/requests" "$(jq -n --arg grant "$grant" --arg until "$longer" \
    '{justification: "The assessment goes on", items: [{kind: "extend", grant: $grant, until: $until}]}')" | jq -r '.items[0].id')
decide ilze "$more" >/dev/null
[ "$(wants 200 "$token" GET "$api/request-items/$more" | jq -r .state)" = fulfilled ] || decide oskars "$more" >/dev/null
until=$(wants 200 "$token" GET "$api/grants/$grant" | jq -r .until)
case $until in "$longer"*) say "the grant ends $until" ;; *) fail "the grant ends $until, not $longer" ;; esac

step "HR moves her to the school board, under Dace"
wants 200 "$token" PATCH "$scim/Users/$anna" "$(patch "$(jq -cn --arg unit "EDU-$run" --arg manager "$dace" '[
    {op: "replace", path: "urn:caurlaide:scim:schemas:extension:municipal:2.0:User:employments",
     value: [{value: "1", organisationUnit: $unit, position: "Clerk", type: "employee"}]},
    {op: "replace", path: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", value: {value: $manager}}]')")" >/dev/null
say "she keeps what she asked for until her managers have looked at it; what she had by her place is on its way out:"
wants 200 "$token" GET "$api/grants?user=$anna" | jq -r '.items[] | "    \(.source): \(.state)\(if .until then ", until " + .until else "" end)"'

step "The move has brought a review: Dace keeps one right of hers and takes the other away, and it closes by itself"
waiting() { wants 200 "$(person "dace-$run")" GET "$api/review-items?waitingFor=me"; }
count_waiting() { waiting | jq '.items | length'; }
comes "what waits for Dace" 2 count_waiting
waiting >"$work/waiting"
# judges GROUP VERDICT: what Dace says of it
judges() {
    local item
    item=$(jq -r --arg group "$1" '.items[] | select(.entitlement == $group) | .id' "$work/waiting")
    wants 200 "$(person "dace-$run")" POST "$api/review-items/$item/decision" \
        "$(jq -cn --arg verdict "$2" '{verdict: $verdict, comment: "Works at the school board now"}')" |
        jq -r '"    \(.subjectName), \(.entitlementName): \(.state)"'
}
# In whole seconds, and later than all that she was given.
sleep 1
reviewed=$(date -u +%FT%TZ)
judges "$assess" keep
judges "$view" revoke
review=$(jq -r '.items[0].review' "$work/waiting")
state_of_review() { wants 200 "$token" GET "$api/reviews/$review" | jq -r .state; }
comes "the review" completed state_of_review
is "she assesses" "$(has "$assess" "$anna")" yes
is "members that the application sees in the other group" "$(reads "$view" | wc -w | tr -d ' ')" 0

step "An open request, and then HR says that she has left"
open=$(wants 201 "$(person "anna-$run")" POST "$api/requests" \
    "$(jq -n --arg grant "$grant" --arg until "$(in_days 200)" \
    '{justification: "Longer still", items: [{kind: "extend", grant: $grant, until: $until}]}')" | jq -r '.items[0].id')
sleep 1
left=$(date -u +%FT%TZ)
wants 200 "$token" PATCH "$scim/Users/$anna" "$(patch '[{"op":"replace","path":"active","value":false}]')" >/dev/null
is "members that the application sees" "$(reads "$assess" | wc -w | tr -d ' ')" 0
is "groups of hers" "$(wants 200 "$token" GET "$scim/Users/$anna" | jq -r '[.groups[]?] | length')" 0
is "her open request" "$(wants 200 "$token" GET "$api/request-items/$open" | jq -r .state)" cancelled

step "She returns within thirty days, and so does what the review had left to her"
wants 200 "$token" PATCH "$scim/Users/$anna" "$(patch '[{"op":"replace","path":"active","value":true}]')" >/dev/null
is "she assesses" "$(has "$assess" "$anna")" yes
is "she views" "$(has "$view" "$anna")" no
is "her open request" "$(wants 200 "$token" GET "$api/request-items/$open" | jq -r .state)" cancelled

step "Who had what, and why"
# held INSTANT: what she had then
held() {
    wants 200 "$token" GET "$api/holdings?user=$anna&at=$1" |
        jq -r '.items[] | "    \(.code) since \(.grant.from), by \(.grant.source)"' | sort
}
# A month would have to go by to ask for the last one; the question is the same for any instant of the past.
say "before the review, at $reviewed:"
held "$reviewed" | tee "$work/held"
is "that is" "$(awk '{print $1}' "$work/held" | xargs)" "assess view write"
say "before she left, at $left:"
held "$left" | tee "$work/held"
is "that is" "$(awk '{print $1}' "$work/held" | xargs)" "assess write"

printf '\nThe story went as told.\n'
