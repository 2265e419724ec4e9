//! Issuers: whose tokens (JWT) a tenant believes.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Issuer, Link};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::{
    administration::{
        Administration, Error, Slice,
        entitlements::wrong,
        error::{check, unchanged},
        limits,
    },
    auth::{ALGORITHMS, Keys, NoKeys, Scope},
    clock::timestamp,
    outbound::Target,
    provisioning::{Tags, digest_tag},
    wording::phrase,
};

/// How many issuers a tenant knows at the most.
pub const MAX_ISSUERS: u64 = 20;
/// How far an issuer's clock may be off at the most, in seconds.
pub const MAX_LEEWAY: i64 = 60;
/// The same where nobody says.
const LEEWAY: i64 = 30;
/// How many audiences an issuer has at the most.
const MAX_AUDIENCES: usize = 20;
/// The longest issuer, audience or name of a claim, in characters.
const LONGEST: usize = 500;

/// An issuer as somebody wants it to be.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewIssuer {
    /// Its name for people.
    #[validate(custom(function = limits::line))]
    pub name: String,
    /// What its tokens say in `iss`.
    #[validate(custom(function = word))]
    pub issuer: String,
    /// For whom its tokens must be meant: one of them must stand in `aud`.
    #[validate(custom(function = audiences))]
    pub audiences: Vec<String>,
    /// How its tokens may be signed.
    #[validate(custom(function = algorithms))]
    pub algorithms: Vec<String>,
    /// Its keys.
    #[validate(custom(function = keys))]
    pub jwks: Option<Value>,
    /// Where its keys are, if they are not here.
    #[validate(custom(function = address))]
    pub jwks_uri: Option<String>,
    /// Which claim names the person.
    #[serde(default = "subject_claim")]
    #[validate(custom(function = word))]
    pub subject_claim: String,
    /// Which attribute of a user that is.
    #[validate(custom(function = link))]
    pub link_by: String,
    /// What its tokens may do at the most.
    #[validate(custom(function = scopes))]
    pub scopes: Vec<String>,
    /// How far its clock may be off, in seconds.
    #[serde(default = "leeway")]
    #[validate(custom(function = span))]
    pub leeway: i64,
}

/// What somebody wants to be different about an issuer; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct IssuerChange {
    /// Its name.
    pub name: Given<String>,
    /// What its tokens say in `iss`.
    pub issuer: Given<String>,
    /// For whom its tokens must be meant.
    pub audiences: Given<Vec<String>>,
    /// How its tokens may be signed.
    pub algorithms: Given<Vec<String>>,
    /// Its keys, in place of an address too.
    pub jwks: Given<Value>,
    /// Where its keys are, in place of keys that were given.
    pub jwks_uri: Given<String>,
    /// Which claim names the person.
    pub subject_claim: Given<String>,
    /// Which attribute of a user that is.
    pub link_by: Given<String>,
    /// What its tokens may do at the most.
    pub scopes: Given<Vec<String>>,
    /// How far its clock may be off, in seconds.
    pub leeway: Given<i64>,
}

/// A member that may be left out and may not be null.
#[derive(Clone, Debug)]
pub struct Given<T>(pub Option<T>);

impl<T> Default for Given<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: serde::Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        T::deserialize(value).map(|value| Self(Some(value)))
    }
}

/// An issuer as it is shown.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IssuerRecord {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// What its tokens say in `iss`.
    pub issuer: String,
    /// For whom its tokens must be meant.
    pub audiences: Vec<String>,
    /// How its tokens may be signed.
    pub algorithms: Vec<String>,
    /// Its keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Value>,
    /// Where its keys are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// Which claim names the person.
    pub subject_claim: String,
    /// Which attribute of a user that is.
    pub link_by: &'static str,
    /// What its tokens may do at the most.
    pub scopes: Vec<String>,
    /// How far its clock may be off, in seconds.
    pub leeway: i64,
    /// When it was registered.
    pub created: String,
}

fn subject_claim() -> String {
    "sub".to_owned()
}

fn leeway() -> i64 {
    LEEWAY
}

impl NewIssuer {
    /// An issuer with the usual values where nobody says.
    pub fn usual(name: String, issuer: String) -> Self {
        Self {
            name,
            issuer,
            audiences: Vec::new(),
            algorithms: Vec::new(),
            jwks: None,
            jwks_uri: None,
            subject_claim: subject_claim(),
            link_by: String::new(),
            scopes: vec![Scope::Read.word().to_owned()],
            leeway: LEEWAY,
        }
    }

    /// An issuer as it is, with what is to be different.
    fn changed(issuer: &Issuer, change: IssuerChange) -> Self {
        let IssuerRecord { jwks, jwks_uri, .. } = IssuerRecord::from(issuer.clone());
        // Keys and an address of keys take each other's place.
        let (jwks, jwks_uri) = match (change.jwks.0, change.jwks_uri.0) {
            (None, None) => (jwks, jwks_uri),
            given => given,
        };
        Self {
            name: change.name.0.unwrap_or_else(|| issuer.name.clone()),
            issuer: change.issuer.0.unwrap_or_else(|| issuer.url.clone()),
            audiences: change.audiences.0.unwrap_or_else(|| issuer.audiences.clone()),
            algorithms: change.algorithms.0.unwrap_or_else(|| issuer.algorithms.clone()),
            jwks,
            jwks_uri,
            subject_claim: change.subject_claim.0.unwrap_or_else(|| issuer.subject_claim.clone()),
            link_by: change.link_by.0.unwrap_or_else(|| issuer.link.word().to_owned()),
            scopes: change.scopes.0.unwrap_or_else(|| issuer.scopes.clone()),
            leeway: change.leeway.0.unwrap_or(issuer.leeway),
        }
    }

    /// Checks an issuer that was stored somewhere.
    pub(super) fn check_stored(issuer: &Issuer) -> Result<(), Error> {
        Self::changed(issuer, IssuerChange::default()).check()
    }

    fn check(&self) -> Result<(), Error> {
        check(self)?;
        if self.jwks.is_some() == self.jwks_uri.is_some() {
            return Err(wrong("/jwks", phrase("keys-or-address")));
        }
        Ok(())
    }

    /// The issuer as it is stored, once it is checked.
    fn stored(self, id: Uuid, created: i64) -> Issuer {
        Issuer {
            id,
            name: self.name.trim().to_owned(),
            url: self.issuer,
            audiences: sorted(self.audiences),
            algorithms: sorted(self.algorithms),
            jwks: self.jwks.map(|keys| keys.to_string()),
            jwks_uri: self.jwks_uri,
            subject_claim: self.subject_claim,
            link: Link::from_word(&self.link_by).unwrap_or(Link::Id),
            scopes: sorted(self.scopes),
            leeway: self.leeway,
            created,
        }
    }
}

impl From<Issuer> for IssuerRecord {
    fn from(issuer: Issuer) -> Self {
        Self {
            id: issuer.id,
            name: issuer.name,
            issuer: issuer.url,
            audiences: issuer.audiences,
            algorithms: issuer.algorithms,
            jwks: issuer.jwks.and_then(|keys| serde_json::from_str(&keys).ok()),
            jwks_uri: issuer.jwks_uri,
            subject_claim: issuer.subject_claim,
            link_by: issuer.link.word(),
            scopes: issuer.scopes,
            leeway: issuer.leeway,
            created: timestamp(issuer.created),
        }
    }
}

impl IssuerRecord {
    /// The tag of all of it.
    pub(crate) fn tag(&self) -> String {
        digest_tag(self)
    }
}

impl Administration {
    /// Issuers behind that one, the oldest first.
    pub async fn issuers(&self, after: Option<Uuid>, limit: u64) -> Result<Slice<IssuerRecord>, Error> {
        let found = self.data.issuers(after, limit + 1).await?;
        Ok(Slice::of(found.into_iter().map(Into::into).collect(), limit))
    }

    /// One issuer.
    pub async fn issuer(&self, id: Uuid) -> Result<IssuerRecord, Error> {
        self.data.issuer(id).await?.map(Into::into).ok_or(Error::Missing("issuer"))
    }

    /// Registers an issuer.
    pub async fn create_issuer(&self, new: NewIssuer) -> Result<IssuerRecord, Error> {
        new.check()?;
        let work = self.begin().await?;
        let tenant = self.may_give(&work).await?;
        if tenant.is_platform() {
            return Err(Error::Missing("tenant"));
        }
        if work.count_issuers().await? >= MAX_ISSUERS {
            return Err(Error::Conflict(phrase("most-issuers").with("most", MAX_ISSUERS).into()));
        }
        let issuer = new.stored(self.ids.next(), self.clock.now());
        work.create_issuer(&issuer).await.map_err(url_taken)?;
        work.commit().await?;
        Ok(issuer.into())
    }

    /// Changes an issuer, if it is still as one of these tags says. While the tenant is suspended its tokens can only come to open less.
    pub async fn change_issuer(
        &self,
        id: Uuid,
        change: IssuerChange,
        tags: Option<&Tags>,
    ) -> Result<IssuerRecord, Error> {
        let work = self.begin().await?;
        self.may_take(&work).await?;
        let before = work.lock_issuer(id).await?.ok_or(Error::Missing("issuer"))?;
        unchanged(tags, &IssuerRecord::from(before.clone()).tag())?;
        let wanted = NewIssuer::changed(&before, change);
        wanted.check()?;
        let after = wanted.stored(id, before.created);
        let attributes = differences(&before, &after);
        if attributes.is_empty() {
            work.roll_back().await?;
            return Ok(before.into());
        }
        if widens(&before, &after) {
            self.may_give(&work).await?;
        }
        work.change_issuer(&after, &attributes).await.map_err(url_taken)?;
        work.commit().await?;
        Ok(after.into())
    }

    /// Removes an issuer, if it is still as one of these tags says: its tokens open nothing any more.
    pub async fn delete_issuer(&self, id: Uuid, tags: Option<&Tags>) -> Result<(), Error> {
        let work = self.begin().await?;
        self.may_take(&work).await?;
        let issuer = work.lock_issuer(id).await?.ok_or(Error::Missing("issuer"))?;
        unchanged(tags, &IssuerRecord::from(issuer).tag())?;
        work.delete_issuer(id).await?;
        Ok(work.commit().await?)
    }
}

/// What differs, by the names that administrators know.
fn differences(before: &Issuer, after: &Issuer) -> Vec<&'static str> {
    [
        ("name", before.name != after.name),
        ("issuer", before.url != after.url),
        ("audiences", before.audiences != after.audiences),
        ("algorithms", before.algorithms != after.algorithms),
        ("keys", (&before.jwks, &before.jwks_uri) != (&after.jwks, &after.jwks_uri)),
        ("subjectClaim", before.subject_claim != after.subject_claim),
        ("linkBy", before.link != after.link),
        ("scopes", before.scopes != after.scopes),
        ("leeway", before.leeway != after.leeway),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect()
}

/// Whether a token may then open something that it does not open now.
fn widens(before: &Issuer, after: &Issuer) -> bool {
    let is_within = |after: &[String], before: &[String]| after.iter().all(|word| before.contains(word));
    let narrowed = Issuer {
        name: before.name.clone(),
        audiences: before.audiences.clone(),
        algorithms: before.algorithms.clone(),
        scopes: before.scopes.clone(),
        leeway: before.leeway,
        ..after.clone()
    };
    narrowed != *before
        || after.leeway > before.leeway
        || !is_within(&after.audiences, &before.audiences)
        || !is_within(&after.algorithms, &before.algorithms)
        || !is_within(&after.scopes, &before.scopes)
}

fn url_taken(error: store::Error) -> Error {
    match error {
        store::Error::Taken => Error::Taken(phrase("issuer-taken").into()),
        other => other.into(),
    }
}

fn sorted(words: Vec<String>) -> Vec<String> {
    words.into_iter().collect::<BTreeSet<_>>().into_iter().collect()
}

/// Text without spaces: a URL, an audience, a claim.
fn word(text: &str) -> Result<(), ValidationError> {
    let is_plain = |c: char| !c.is_control() && !c.is_whitespace();
    if (1..=LONGEST).contains(&text.chars().count()) && text.chars().all(is_plain) {
        return Ok(());
    }
    Err(no_word())
}

fn no_word() -> ValidationError {
    limits::refuse("must-be-word", &[("most", LONGEST.into())])
}

fn audiences(words: &[String]) -> Result<(), ValidationError> {
    if !(1..=MAX_AUDIENCES).contains(&words.len()) {
        return Err(limits::refuse("must-be-audiences", &[("most", MAX_AUDIENCES.into())]));
    }
    let wrong = words.iter().position(|text| word(text).is_err());
    wrong.map_or(Ok(()), |at| Err(limits::at_item(at, no_word())))
}

fn algorithms(words: &[String]) -> Result<(), ValidationError> {
    some_of(words, &ALGORITHMS, limits::refuse("must-name-algorithm", &[]))
}

/// People are no administrators by their token: what it may do ends at what SCIM serves, and at what is their own.
fn scopes(words: &[String]) -> Result<(), ValidationError> {
    some_of(words, &Scope::OF_PEOPLE.map(Scope::word), limits::refuse("must-name-scope", &[]))
}

/// Some of those that there are, at least one.
fn some_of(words: &[String], known: &[&str], none: ValidationError) -> Result<(), ValidationError> {
    if words.is_empty() {
        return Err(none);
    }
    let wrong = words.iter().position(|word| !known.contains(&word.as_str()));
    let told = || limits::refuse("not-possible-here", &[("words", limits::joined(known.iter().copied()))]);
    wrong.map_or(Ok(()), |at| Err(limits::at_item(at, told())))
}

fn keys(set: &Value) -> Result<(), ValidationError> {
    Keys::parse(set).map(drop).map_err(|wrong| match wrong {
        NoKeys::Form => limits::refuse("no-key-set", &[]),
        NoKeys::Many { keys, bytes } => limits::refuse("most-keys", &[("keys", keys.into()), ("bytes", bytes.into())]),
        NoKeys::Private => limits::refuse("private-key", &[]),
        NoKeys::Unusable => limits::refuse("no-usable-key", &[("words", limits::joined(ALGORITHMS))]),
    })
}

fn address(text: &str) -> Result<(), ValidationError> {
    text.parse::<Target>().map(drop).map_err(|_| {
        let is_plain = text.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http:"));
        if is_plain { limits::refuse("plain-http", &[]) } else { limits::refuse("must-be-https", &[]) }
    })
}

fn link(word: &str) -> Result<(), ValidationError> {
    if Link::from_word(word).is_some() {
        return Ok(());
    }
    Err(limits::none_of(Link::ALL.map(Link::word)))
}

fn span(seconds: i64) -> Result<(), ValidationError> {
    if (0..=MAX_LEEWAY).contains(&seconds) {
        return Ok(());
    }
    Err(limits::seconds_between(0, MAX_LEEWAY))
}
