# Why something is not done. The same keys as in Latvian.

# Titles, by the type of the problem.
title-invalid = Some values cannot be taken
title-taken = There is one already
title-conflict = What is there stands in the way
title-stale = It has changed meanwhile
title-idempotency = The request is known by its key
title-state = It does not suit the state of what is there
title-forbidden = This is for others
title-assurance = It has to be known more surely who you are
title-suspended = The tenant is suspended
title-archived = The tenant is archived

# Titles of what is no more than its status.
status-400 = Bad Request
status-401 = Unauthorized
status-403 = Forbidden
status-404 = Not Found
status-405 = Method Not Allowed
status-406 = Not Acceptable
status-408 = Request Timeout
status-409 = Conflict
status-412 = Precondition Failed
status-413 = Payload Too Large
status-415 = Unsupported Media Type
status-422 = Unprocessable Entity
status-428 = Precondition Required
status-429 = Too Many Requests
status-500 = Internal Server Error
status-501 = Not Implemented
status-503 = Service Unavailable
status-other = Error

# What there is not.
missing-user = there is no such user
missing-group = there is no such group
missing-entitlement = there is no such entitlement
missing-grant = there is no such grant
missing-request = there is no such request
missing-request-item = there is no such request item
missing-review = there is no such review
missing-review-item = there is no such review item
missing-emergency = there is no such emergency
missing-delegation = there is no such delegation
missing-notification = there is no such notification
missing-application = there is no such application
missing-organisation-unit = there is no such organisation unit
missing-role = there is no such role
missing-conflict = there is no such conflict
missing-tenant = there is no such tenant

# What stands in the way.
stale = it is at version { $version } by now, which is not what the change was made for
assurance-needed = it has to be known at the level { $level } who decides here
duties-apart = { $count } rules of segregation of duties stand against it
suspended = this tenant is suspended: reading, revoking and deleting work, granting does not
archived = this tenant is archived: it can be read and not changed
held-in-emergency = you have it already
emergency-group-only = only who is in the tenant's emergencyGroup takes access so
substantial-needed = the token does not say surely enough who you are: substantial is needed
stands-in-already = this person stands in for you in that time already
delegation-of-others = whoever is away ends it, or an administrator
items-being-made = the items of the review are still being made
grant-not-begun = the grant of the item has not begun
review-over = the review is { $state }: { $event } is not possible
entitlement-out-of-use = the entitlement is not in use any more
entitlement-not-active = the entitlement is { $state }; it is given while it is active
held-by-hand = the user has it by the hand of an administrator already
duties-apart-by = rules of segregation of duties stand against it, and there is no exception: { $rules }
not-to-oneself = nobody gives anything to themselves; ask for it
whole-tenant-only = this is for those who look after the whole tenant
no-role-lets = no role that you hold lets you do this

# What is wrong with a value: read behind the name of its field.
must-be-said = must be said
must-be-given = must be given
must-be-between = must be { $least } to { $most }
must-be-at-most = must be { $most } at the most
must-be-text = must be 1 to { $most } characters of text
must-be-line = must be 1 to { $most } characters of text, on one line
must-be-moment = must be a day such as 2026-11-27 or an instant such as 2026-11-27T08:00:00Z
must-be-instant = must be an instant such as 2026-11-24T08:00:00Z
must-lie-within = must lie ahead, behind the beginning, and not behind what was asked for
must-lie-before-end = must lie ahead, and before the end that there is
must-lie-behind-deadline = must lie ahead, and behind the deadline that there is
must-lie-behind-beginning = must lie ahead, and behind the beginning
must-be-later = must be later than now and than the beginning
must-have-end = must stand: what has the highest risk has an end
must-end-by = must stand and be { $at } at the latest
begins-at-once = is over; left out, it begins at once
cannot-be = cannot be: { $reason }
not-beside = cannot stand beside { $other }
one-of-two = must be given, or { $other }, and not both
beginning-is-known = is known: the grant has begun
days-of-extension = cannot be said of an extension; until can
until-of-revocation = cannot be said of what is taken away
period-of-revocation = is revoke, and what is taken away has no period
until-of-shortening = can be said of what is shortened alone
no-entitlement = is no entitlement here
no-application = is no application here
no-unit = is no organisation unit here
no-user = is no user here
no-group = is no group here
no-active-user = is no active user here
not-in-use = is not in use
stands-twice = stands twice
grant-of-new = cannot be named where a new one is asked for
not-their-grant = is no grant of this person
not-of-the-grant = is not that of the grant
deputy-oneself = is the person who is away
deputy-chain = is away or stands in already: a deputy has no deputy
longer-than-a-year = lies more than a year behind the beginning
deadline-far = must be a year after the beginning at the most
postponed-far = must be 31 days from now at the most
ids-once = must be 1 to { $most } ids, each once
users-once = must be { $most } at the most, each user once
must-be-object = must be an object
must-be-list = must be a list
must-be-whole = must be a whole number
must-be = must be { $what }
must-have-field = must have the field { $name }
no-such-field = is not a field that can be sent here; these are: { $names }
no-fields = is not a field that can be sent here; there are none
wrong-form = has not the right form

# What the rules of requests say of a wish: read behind the name of its field.
flaw-stranger = is nobody for whom you may ask
flaw-twin = is asked for already, and not decided
flaw-longText = must be 4000 characters at the most
flaw-inactive = is not active
flaw-outOfUse = is not in use
flaw-notOffered = is not offered to this person
flaw-prerequisites = presupposes another one, which the person does not hold
flaw-needsJustification = must be given for this entitlement
flaw-needsLegalBasis = must be given for this entitlement
flaw-held = is held already; ask for an extension
flaw-beginsBehind = lies behind
flaw-beginsFar = lies more than a year ahead
flaw-endsFirst = must come after the beginning
flaw-needsEnd = must be given for an entitlement of risk 3
flaw-endAfter = may be { $at } at the latest
flaw-noGrant = does not exist
flaw-ended = has ended already
flaw-extension = { $reason }

# What the rules refuse.
refusal = the { $what } is { $state }, and { $event } is not possible: { $reason }
reason-state = it does not belong to that state
reason-notYet = its time has not come
reason-tooLate = its time is over
reason-stranger = you are not among those who may
reason-oneself = nobody decides about themselves
reason-ownRequest = nobody decides what they have asked for
reason-twice = you have decided already
reason-chain = a deputy has no deputy
reason-overlap = there is one of that kind already
reason-unsuitable = the person who was named cannot do it
reason-missing = { $what } is missing
reason-assurance = it needs an identity of at least the level { $level }
reason-policy = the policy does not allow it: { $policy }
reason-tooOften = it has happened as often as it may
reason-period = the period is over, reversed or empty
reason-endAfter = the end may be { $at } at the latest
reason-exceeds = nobody gives more than they hold
reason-last = the last one stays
reason-conflict = { $count } rules of segregation of duties stand against it
policy-anotherRight = another right is another request
policy-endStays = the end is not shortened at this stage
policy-endless = what is taken away has no end
policy-seatStays = this stage is not handed on
policy-emergencyEnds = an emergency is not extended
policy-notForEmergencies = this entitlement is not taken in an emergency
policy-deadlineStays = only a micro-review is postponed
policy-longComment = a comment is 2000 characters at the most
policy-wholeTenant = a tenant administrator looks after the whole tenant
level-low = low
level-substantial = substantial
level-high = high

# What is refused, how it stands, and what was to happen.
what-request-item = request item
what-campaign = campaign
what-review-item = review item
what-grant = grant
what-delegation = delegation
what-emergency = emergency
what-conflict = conflict
what-role = role
what-user = user
state-pending = pending
state-infoRequested = infoRequested
state-scheduled = scheduled
state-fulfilled = fulfilled
state-rejected = rejected
state-withdrawn = withdrawn
state-expired = expired
state-cancelled = cancelled
state-active = active
state-closing = closing
state-completed = completed
state-open = open
state-keep = keep
state-revoke = revoke
state-shorten = shorten
state-abstain = abstain
state-excluded = excluded
state-doneKept = doneKept
state-doneChanged = doneChanged
state-suspended = suspended
state-ended = ended
state-planned = planned
state-new = new
state-unreviewed = unreviewed
state-reviewed = reviewed
state-detected = detected
state-excepted = excepted
state-resolved = resolved
state-held = held
state-draft = draft
state-retired = retired
state-staged = staged
state-deactivated = deactivated
state-deleted = deleted
event-vote = vote
event-ask = ask
event-answer = answer
event-amend = amend
event-reassign = reassign
event-handOver = handOver
event-remind = remind
event-escalate = escalate
event-expire = expire
event-withdraw = withdraw
event-cancel = cancel
event-start = start
event-end = end
event-decide = decide
event-changeMind = changeMind
event-exclude = exclude
event-close = close
event-applied = applied
event-postpone = postpone
event-extend = extend
event-shorten = shorten
event-warn = warn
event-certify = certify
event-suspend = suspend
event-resume = resume
event-lapse = lapse
event-create = create
event-open = open
event-review = review
event-except = except
event-remedy = remedy
event-gone = gone
event-assign = assign
event-remove = remove
event-activate = activate
event-update = update
event-deactivate = deactivate
event-delete = delete
event-restore = restore

# What is said before anybody looks at what is wanted.
token-needed = A bearer token is needed in the Authorization header.
token-invalid = The token is not valid: it is unknown, has ended or was revoked.
keys-unreachable = The keys of the token's issuer are not to be had just now. Try again.
scope-lacking = The token lacks the scope { $scope }.
too-fast-client = This client sends more requests than it may. Try again in { $wait } { $wait ->
    [1] second
   *[other] seconds
}.
too-fast-tenant = The clients of this tenant together send more requests than they may. Try again in { $wait } { $wait ->
    [1] second
   *[other] seconds
}.
too-many-wait = Too many requests of this tenant wait for their turn already. Try again in { $wait } { $wait ->
    [1] second
   *[other] seconds
}.
too-many-failures = Too many tokens from this address were not valid. Try again in { $wait } { $wait ->
    [1] second
   *[other] seconds
}.
no-such-tenant = There is no such tenant.
nothing-here = There is nothing at this address.
people-only = This is for people, and a client is none.
method-not-here = { $method } is not possible here; the header Allow says what is.
count-is-number = The parameter count must be a number, and each may stand once.
count-within = The parameter count must be 1 to { $most }.
cursor-wrong = The cursor must be the nextCursor of an earlier page.
match-needed = Others may change this too: the header If-Match must name the version that was read, by its ETag.
tags-wrong = { $name } must be * or a list of entity tags such as W/"3".
body-too-large = The body is larger than { $most } bytes.
body-late = The body did not arrive in time.
body-broken = The body broke off.
body-encoded = Bodies are read without a content encoding.
body-not-json = Bodies must be application/json.
parameters-wrong = { $ids } must be ids, and each parameter may stand once.
parameter-among = The parameter { $name } must be one of { $words }.
unread-wrong = The parameter unread must be true or false, and each may stand once.
offers-wrong = The parameters subject and application must be ids, q a text of { $most } characters at the most, and each may stand once.
parameters-are = The parameters are { $names }; each may stand once.
parameter-instant = The parameter at must be an instant such as 2026-11-24T08:00:00Z.
dry-run-wrong = The parameter dryRun must be true or false.
user-or-application = One of the parameters user and application must stand, and not both.
table-is-whole = A table is whole: count and cursor do not go with the format csv.
key-holds-secret = The answer to this request holds a secret, which is not kept: leave the header Idempotency-Key out.
key-wrong = The header Idempotency-Key must be one text of 1 to 200 visible characters.
key-of-another = this Idempotency-Key was sent with another request before
key-going-on = the request with this Idempotency-Key still goes on; ask again in a moment
key-unknown-end = what became of the request of { $at } with this Idempotency-Key is not known: look whether it was done, and send it with a new key if not
inside = Something failed inside the server. Its log knows more, under the X-Request-Id of this answer.
busy = The server is busy; nothing was changed. Try again.
too-long = The request took too long and was given up; if it was a write, read the resource to see what happened.
