# What notifications and mails say. The same keys as in Latvian.

askedFor =
    .subject = Access asked for on your behalf: { $entitlement }
    .text = { $requester } asks for "{ $entitlement }" in "{ $application }" for you (request { $number }).

decisionWanted =
    .subject = Your decision is needed: { $entitlement }
    .text =
        Request { $number } waits for your decision: "{ $entitlement }" in "{ $application }".
        For: { $subject }. Asked for by: { $requester }.
        If nobody decides by { $at }, the request expires.

decisionDue =
    .subject = Reminder, your decision is needed: { $entitlement }
    .text =
        Request { $number } still waits for your decision: "{ $entitlement }" in "{ $application }".
        For: { $subject }. Asked for by: { $requester }.
        If nobody decides by { $at }, the request expires.

escalated =
    .subject = A decision is late and waits for you too: { $entitlement }
    .text =
        Nobody has decided about request { $number } in time, so you may decide as well: "{ $entitlement }" in "{ $application }".
        For: { $subject }. Asked for by: { $requester }.
        If nobody decides by { $at }, the request expires.

reassigned =
    .subject = A decision was handed over: { $entitlement }
    .text =
        The decision about request { $number } was handed from one person to another: "{ $entitlement }" in "{ $application }".
        For: { $subject }. Asked for by: { $requester }. The request shows who decides now.

forInformation =
    .subject = For your information: { $entitlement }
    .text =
        Request { $number }: "{ $entitlement }" in "{ $application }".
        For: { $subject }. Asked for by: { $requester }. There is nothing for you to do.

questionAsked =
    .subject = A question about request { $number }
    .text =
        You are asked something before "{ $entitlement }" in "{ $application }" is decided.
        If there is no answer by { $at }, the request expires.

questionAnswered =
    .subject = The question about request { $number } was answered
    .text =
        The question about "{ $entitlement }" in "{ $application }" was answered, and request { $number } waits for your decision again.
        For: { $subject }. Asked for by: { $requester }.

scheduled =
    .subject = Request approved: { $entitlement }
    .text =
        Request { $number } was approved. "{ $entitlement }" in "{ $application }" begins on { $at }.
        For: { $subject }.

fulfilled =
    .subject = Request done: { $entitlement }
    .text =
        Request { $number } is done: { $reason ->
            [revoke] the access was taken away
            [extend] the access was extended
           *[other] the access works
        } – "{ $entitlement }" in "{ $application }".
        For: { $subject }.

rejected =
    .subject = Request rejected: { $entitlement }
    .text =
        Request { $number } was rejected: "{ $entitlement }" in "{ $application }".
        For: { $subject }. Why: { $reason ->
            [conflict] it does not go together with other access
            [noApprover] there is nobody who could decide
           *[other] somebody who decides said no; the request shows what they wrote
        }.

withdrawn =
    .subject = Request taken back: { $entitlement }
    .text =
        Request { $number } was taken back: "{ $entitlement }" in "{ $application }".
        For: { $subject }.

expired =
    .subject = Request expired: { $entitlement }
    .text =
        Nobody decided about request { $number } or answered in time, and it has expired: "{ $entitlement }" in "{ $application }".
        For: { $subject }. Whoever still needs it asks again.

cancelled =
    .subject = Request cancelled: { $entitlement }
    .text =
        Request { $number } was cancelled: "{ $entitlement }" in "{ $application }".
        For: { $subject }. Why: { $reason ->
            [subjectLeft] the person has left
            [retired] it is not in use any more
            [grantEnded] what it was about has ended
           *[other] it could not be given when it was to begin
        }.

noApprover =
    .subject = Nobody can decide: { $entitlement }
    .text =
        There is nobody who could decide about request { $number }, and it was rejected: "{ $entitlement }" in "{ $application }".
        For: { $subject }. Please look at the approval policy.

endsSoon =
    .subject = Access ends soon: { $entitlement }
    .text =
        "{ $entitlement }" in "{ $application }" ends on { $at }: { $days ->
            [one] { $days } day is left
           *[other] { $days } days are left
        }.
        For: { $subject }. If it is still needed, ask for an extension.

ended =
    .subject = Access has ended: { $entitlement }
    .text =
        "{ $entitlement }" in "{ $application }" ended on { $at }.
        For: { $subject }. Why: { $reason ->
            [expired] its time was over
            [emergencyOver] the time of the emergency access was over
            [administrator] an administrator took it away
            [manager] the manager took it away
            [owner] the owner of the application took it away
            [givenBack] it was given back
            [request] it was taken away by a request
            [review] it was taken away in a review
            [conflict] it did not go together with other access
            [leaver] the person has left
            [retired] it is not in use any more
           *[other] the personnel or identity system took it away
        }.

emergencyOpened =
    .subject = Emergency access: { $entitlement }
    .text =
        "{ $entitlement }" in "{ $application }" was taken in an emergency.
        By: { $subject }. What was done with it has to be reviewed.

emergencyDue =
    .subject = Emergency access was not reviewed: { $entitlement }
    .text =
        The emergency access to "{ $entitlement }" in "{ $application }" was not reviewed in time.
        By: { $subject }.

emergencyReviewed =
    .subject = Emergency access reviewed: { $entitlement }
    .text = Your emergency access to "{ $entitlement }" in "{ $application }" was reviewed.

reviewWanted =
    .subject = Access to review
    .text =
        There is access of others for you to review.{ $at ->
            [none] {""}
           *[other] {" "}Please do so by { $at }.
        }

reviewDue =
    .subject = Reminder, access to review
    .text =
        The review of access is not finished yet.{ $at ->
            [none] {""}
           *[other] {" "}It ends on { $at }.
        }

conflictFound =
    .subject = Access found that does not go together
    .text =
        Somebody holds together what nobody should. Who: { $subject }. Rule: "{ $rule }".

exceptionEnds =
    .subject = An exception for access that does not go together is over
    .text =
        What allowed somebody to hold together what nobody should is over. Who: { $subject }. Rule: "{ $rule }".

leavesSoon =
    .subject = Leaves soon: { $subject }
    .text =
        The last employment of { $subject } is over on { $at }: { $days ->
            [one] { $days } day is left
           *[other] { $days } days are left
        }.
        Their access ends with it. If they stay, the personnel department has to write so.

suspended =
    .subject = Suspended: { $subject }
    .text =
        { $subject } is suspended and has no access.{ $at ->
            [none] {""}
           *[other] {" "}Until { $at }.
        }
        What they had to decide goes to others.

returned =
    .subject = Back: { $subject }
    .text =
        { $subject } is not suspended any more, and has again what is still valid.

answersFor =
    .subject = You answer for an application: { $application }
    .text =
        You answer for the application "{ $application }" from now on, and decide about requests for it, because whoever did is not there.
        Who did: { $subject }.

# What stands in the place of a name that is gone.
gone-entitlement = access that is gone
gone-application = an application that is gone
gone-person = a person who is gone
gone-request = without a number
gone-rule = a rule that is gone

# The end of a mail.
deputy = You are told because you stand in for: { $name }.
automatic = This message was sent automatically; please do not reply.
