//! The words of what the rules refuse: by what they say, never by how they say it.

use rights::{Assurance, Fault, Policy, Reason, Refusal, request::Flaw};

use crate::wording::{Phrase, phrase};

impl From<&Refusal> for Phrase {
    fn from(refusal: &Refusal) -> Self {
        let Refusal { what, state, event, reason, .. } = refusal;
        phrase("refusal")
            .with("what", phrase(format!("what-{}", what.replace(' ', "-"))))
            .with("state", phrase(format!("state-{state}")))
            .with("event", phrase(format!("event-{event}")))
            .with("reason", Phrase::from(reason))
    }
}

impl From<&Reason> for Phrase {
    fn from(reason: &Reason) -> Self {
        let said = phrase(format!("reason-{}", reason.word()));
        match reason {
            Reason::Missing(what) => said.with("what", *what),
            Reason::Assurance(level) => said.with("level", Self::from(*level)),
            Reason::Policy(policy) => said.with("policy", Self::from(*policy)),
            Reason::EndAfter(latest) => said.with("at", *latest),
            Reason::Conflict(rules) => said.with("count", rules.len()),
            _ => said,
        }
    }
}

impl From<Assurance> for Phrase {
    fn from(level: Assurance) -> Self {
        phrase(format!("level-{}", level.word()))
    }
}

impl From<Policy> for Phrase {
    fn from(policy: Policy) -> Self {
        phrase(format!("policy-{}", policy.word()))
    }
}

impl From<&Flaw> for Phrase {
    fn from(flaw: &Flaw) -> Self {
        let said = phrase(format!("flaw-{}", flaw.word()));
        match flaw {
            Flaw::EndAfter(latest) => said.with("at", *latest),
            Flaw::Extension(reason) => said.with("reason", Self::from(reason)),
            _ => said,
        }
    }
}

impl From<&Fault> for Phrase {
    fn from(fault: &Fault) -> Self {
        let said = phrase(format!("fault-{}", fault.word));
        fault.named.iter().fold(said, |said, (name, number)| said.with(*name, *number))
    }
}

#[cfg(test)]
mod tests {
    use rights::{
        Instant, RuleId, delegation, grant,
        request::{self, Cancellation, Rejection},
        review::{self, Verdict},
    };
    use uuid::Uuid;

    use super::*;
    use crate::language::Language;

    /// One of each. A new one does not compile until it stands here.
    fn reasons() -> Vec<Reason> {
        let at = Instant::from_millis(1_773_413_400_000);
        let mut all = vec![
            Reason::State,
            Reason::NotYet,
            Reason::TooLate,
            Reason::Stranger,
            Reason::Oneself,
            Reason::OwnRequest,
            Reason::Twice,
            Reason::Chain,
            Reason::Overlap,
            Reason::Unsuitable,
            Reason::Missing("comment"),
            Reason::TooOften,
            Reason::Period,
            Reason::LastsAsLong,
            Reason::NoEnd,
            Reason::EndAfter(at),
            Reason::Exceeds,
            Reason::Last,
            Reason::GrantOver,
            Reason::Conflict(vec![RuleId(Uuid::nil())]),
        ];
        all.extend(Assurance::ALL.map(Reason::Assurance));
        all.extend(Policy::ALL.map(Reason::Policy));
        for reason in &all {
            match reason {
                Reason::State | Reason::NotYet | Reason::TooLate | Reason::Stranger | Reason::Oneself => {}
                Reason::OwnRequest | Reason::Twice | Reason::Chain | Reason::Overlap | Reason::Unsuitable => {}
                Reason::Missing(_) | Reason::Assurance(_) | Reason::Policy(_) | Reason::TooOften | Reason::Period => {}
                Reason::LastsAsLong | Reason::NoEnd => {}
                Reason::EndAfter(_) | Reason::Exceeds | Reason::Last | Reason::Conflict(_) => {}
                Reason::GrantOver => {}
            }
        }
        all
    }

    fn flaws() -> Vec<Flaw> {
        let at = Instant::from_millis(1_773_413_400_000);
        let all = vec![
            Flaw::Stranger,
            Flaw::Twin,
            Flaw::LongText,
            Flaw::Inactive,
            Flaw::OutOfUse,
            Flaw::NotOffered,
            Flaw::NotOfferedThen,
            Flaw::Prerequisites,
            Flaw::NeedsJustification,
            Flaw::NeedsLegalBasis,
            Flaw::NeedsReason,
            Flaw::Held,
            Flaw::BeginsBehind,
            Flaw::BeginsFar,
            Flaw::EndsFirst,
            Flaw::NeedsEnd,
            Flaw::EndAfter(at),
            Flaw::NoGrant,
            Flaw::Ended,
            Flaw::Extension(Reason::TooOften),
        ];
        for flaw in &all {
            match flaw {
                Flaw::Stranger | Flaw::Twin | Flaw::LongText | Flaw::Inactive | Flaw::OutOfUse | Flaw::NotOffered => {}
                Flaw::NotOfferedThen | Flaw::Prerequisites | Flaw::Held => {}
                Flaw::NeedsJustification | Flaw::NeedsLegalBasis | Flaw::NeedsReason => {}
                Flaw::BeginsBehind | Flaw::BeginsFar | Flaw::EndsFirst | Flaw::NeedsEnd | Flaw::EndAfter(_) => {}
                Flaw::NoGrant | Flaw::Ended | Flaw::Extension(_) => {}
            }
        }
        all
    }

    /// That a text is whole in Latvian, and in English what the rules say themselves.
    #[track_caller]
    fn is_said(said: &Phrase, english: &str) {
        assert_eq!(said.say(Language::English), english);
        let latvian = said.say(Language::Latvian);
        let is_bare = |word: &str| word.contains(&*said.key) || word.contains('$') || word.contains('{');
        assert!(latvian != english && !is_bare(&latvian), "{latvian}");
    }

    #[test]
    fn whatever_is_refused_has_words() {
        for reason in reasons() {
            is_said(&Phrase::from(&reason), &reason.to_string());
        }
        for flaw in flaws() {
            is_said(&Phrase::from(&flaw), &flaw.to_string());
        }
        for level in Assurance::ALL {
            is_said(&level.into(), level.word());
        }
    }

    /// The states of what people deal with, and what can happen in them.
    fn states() -> Vec<(&'static str, &'static str, &'static [&'static str])> {
        let at = Instant::from_millis(0);
        let mut all = Vec::new();
        for state in [
            request::State::Pending,
            request::State::Scheduled { start: at },
            request::State::Fulfilled,
            request::State::Rejected(Rejection::Vote),
            request::State::Withdrawn,
            request::State::Expired,
            request::State::Cancelled(Cancellation::Retired),
        ] {
            all.push(("request item", state.word(), state.possible()));
        }
        all.push(("request item", "infoRequested", &[]));
        let scheduled = [review::State::Scheduled, review::State::Active, review::State::Closing];
        for state in scheduled.into_iter().chain([review::State::Completed, review::State::Cancelled]) {
            all.push(("campaign", state.word(), state.possible()));
        }
        let decided = [Verdict::Keep, Verdict::Revoke, Verdict::Shorten(at), Verdict::Abstain];
        for state in decided.map(review::ItemState::Decided).into_iter().chain([
            review::ItemState::Open,
            review::ItemState::Excluded,
            review::ItemState::DoneKept,
            review::ItemState::DoneChanged,
        ]) {
            all.push(("review item", state.word(), state.possible()));
        }
        for state in
            [grant::State::Scheduled, grant::State::Active, grant::State::Ended { at, reason: grant::Ending::Owner }]
        {
            all.push(("grant", state.word(), state.possible()));
        }
        all.push(("grant", "suspended", &[]));
        for state in [
            delegation::State::Planned,
            delegation::State::Active,
            delegation::State::Ended,
            delegation::State::Cancelled,
        ] {
            all.push(("delegation", state.word(), &["start", "end", "cancel"]));
        }
        for state in ["new", "unreviewed", "reviewed"] {
            all.push(("emergency", state, &["open", "review", "escalate"]));
        }
        for state in ["detected", "excepted", "resolved"] {
            all.push(("conflict", state, &["except", "withdraw", "lapse", "remedy", "gone"]));
        }
        all
    }

    #[test]
    fn every_state_and_what_can_happen_in_it_has_words() {
        let further = ["vote", "ask", "answer", "amend", "reassign", "withdraw", "decide", "changeMind", "create"];
        for (what, state, possible) in states() {
            for event in possible.iter().copied().chain(further) {
                let refusal = Refusal { what, state, event, possible: &[], reason: Reason::State };
                let said = Phrase::from(&refusal);
                assert_eq!(said.say(Language::English), refusal.to_string());
                let latvian = said.say(Language::Latvian);
                for key in ["what-", "state-", "event-", "reason-", "{", "$"] {
                    assert!(!latvian.contains(key), "{latvian}");
                }
            }
        }
    }
}
