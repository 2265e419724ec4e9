//! Mails about what people are told: one task on every node sends those that are due, over a line that is open as long as there are
//! some. Requests and transactions never wait for it.
//!
//! At most once: a row is claimed before anything is said to the mail server. What was surely not handed over is tried again,
//! later and later, for two days; what may have been is not.

mod letter;
mod line;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use store::{Mail, MailState, Store};

use crate::{
    clock::Clock,
    config::MailServer,
    language::Language,
    mail::{
        letter::{Draft, Letter, address},
        line::{Fate, Line},
    },
    notices::{Names, automatic, deputy_line, is_active},
    telemetry,
};

/// How often is looked for what is due.
const PERIOD: Duration = Duration::from_secs(2);
/// How many are read at once.
const BATCH: u64 = 100;
/// For how long a mail belongs to the node that sends it, in milliseconds: longer than all steps can take together.
const CLAIM: i64 = 15 * 60_000;
/// The first pause after an attempt in vain, in milliseconds; each further one is twice as long.
const FIRST_PAUSE: i64 = 60_000;
/// The longest pause.
const LONGEST_PAUSE: i64 = 4 * 3_600_000;
/// How often it is tried: over about two days.
const ATTEMPTS: i64 = 20;

/// Sends mails. Somebody has to let it.
#[derive(Clone, Debug)]
pub struct Post {
    store: Store,
    clock: Clock,
    server: MailServer,
    is_stopping: Arc<AtomicBool>,
}

impl Post {
    /// By that server.
    pub fn new(store: Store, clock: Clock, server: MailServer) -> Self {
        Self { store, clock, server, is_stopping: Arc::default() }
    }

    /// Sends what is due, again and again.
    pub async fn keep(self) {
        let mut ticks = tokio::time::interval(PERIOD);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut is_out = false;
        while !self.is_stopping.load(Ordering::Relaxed) {
            ticks.tick().await;
            match self.run().await {
                Ok(_) => is_out = false,
                // Once, and not again each time.
                Err(error) if !is_out => {
                    is_out = true;
                    tracing::warn!(%error, "mails that are due could not be looked for");
                }
                Err(_) => {}
            }
        }
    }

    /// Ends [`Post::keep`] once the mail that is under way is settled.
    pub fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }

    /// Sends all that is due. Says how many mails this node has sent.
    pub async fn run(&self) -> Result<u64, store::Error> {
        let given_up = self.store.give_up_mails(self.clock.now(), "its node did not say what became of it").await?;
        count(telemetry::MAILS, "unknown", given_up);
        let waiting = u32::try_from(self.store.waiting_mails(MANY).await?).unwrap_or(u32::MAX);
        metrics::gauge!(telemetry::MAILS_WAITING).set(f64::from(waiting));
        let mut line = None;
        let mut sent = 0;
        'all: loop {
            let due = self.store.due_mails(self.clock.now(), BATCH).await?;
            let mut moved = false;
            for mail in &due {
                if self.is_stopping.load(Ordering::Relaxed) {
                    break;
                }
                let Some(fate) = self.send(mail, &mut line).await? else { continue };
                moved = true;
                sent += u64::from(fate == Fate::Sent);
                // The others would wait for it as well; they are as good as they are.
                if line.is_none() && matches!(fate, Fate::Later(_)) {
                    break 'all;
                }
            }
            if !moved || self.is_stopping.load(Ordering::Relaxed) {
                break;
            }
        }
        if let Some(line) = line {
            line.close().await;
        }
        Ok(sent)
    }

    /// Sends one mail. Nothing if another node does.
    async fn send(&self, mail: &Mail, line: &mut Option<Line>) -> Result<Option<Fate>, store::Error> {
        // Before it is claimed: what fails here has handed over nothing.
        let letter = match self.write(mail).await {
            // One that nobody can read does not stand in the way of the others.
            Err(store::Error::Damaged(_)) => Err("what is stored of it is damaged".into()),
            written => written?,
        };
        let data = self.store.tenant(mail.tenant);
        let until = self.clock.now().saturating_add(CLAIM);
        let Some(claimed) = data.claim_mail(mail, until).await? else { return Ok(None) };
        let fate = match letter {
            Ok(letter) => self.hand_over(&letter, line).await,
            Err(why) => Fate::Refused(why),
        };
        self.settle(&claimed, &fate).await?;
        Ok(Some(fate))
    }

    /// What is written to somebody, or why nothing is.
    async fn write(&self, mail: &Mail) -> Result<Result<Letter, String>, store::Error> {
        let data = self.store.tenant(mail.tenant);
        let Some((told, user)) = data.letter(mail).await? else { return Ok(Err("nobody is there".into())) };
        if !is_active(&user) {
            return Ok(Err("the user is not active any more".into()));
        }
        let Some(to) = address(&user) else { return Ok(Err("the user has no usable address".into())) };
        let language = Language::of_user(&user);
        let names = Names::of(&data, std::slice::from_ref(&told)).await?;
        let said = names.say(language, told.notice, &told.content);
        let draft = Draft {
            server: &self.server,
            to,
            language,
            said: &said,
            end: &self.end(language, told.content.deputy_of.map(|away| names.person(Some(away)))),
            id: told.id,
            now: self.clock.now(),
        };
        Ok(draft.letter())
    }

    /// What follows on the text of a mail.
    fn end(&self, language: Language, away: Option<Option<&str>>) -> Vec<String> {
        let deputy = away.map(|name| deputy_line(language, name));
        deputy.into_iter().chain(self.server.link.clone()).chain([automatic(language)]).collect()
    }

    async fn hand_over(&self, letter: &Letter, line: &mut Option<Line>) -> Fate {
        let mut open = match line.take() {
            Some(open) => open,
            None => match Line::open(&self.server).await {
                Ok(open) => open,
                Err(why) => return Fate::Later(why),
            },
        };
        let (fate, is_usable) = open.send(letter).await;
        if is_usable {
            *line = Some(open);
        }
        fate
    }

    async fn settle(&self, mail: &Mail, fate: &Fate) -> Result<(), store::Error> {
        let next = self.clock.now().saturating_add(pause(mail.attempts));
        let (state, due, why, word) = match fate {
            Fate::Sent => (MailState::Sent, None, None, "sent"),
            Fate::Later(why) if mail.attempts < ATTEMPTS => (MailState::Due, Some(next), Some(why), "putOff"),
            Fate::Later(why) | Fate::Refused(why) => (MailState::Failed, None, Some(why), "failed"),
            Fate::Unknown(why) => (MailState::Unknown, None, Some(why), "unknown"),
        };
        if let Some(why) = why {
            tracing::warn!(notification = %mail.notification, why, word, "a mail was not sent");
        }
        count(telemetry::MAILS, word, 1);
        self.store.tenant(mail.tenant).settle_mail(mail, (state, due), why.map(String::as_str)).await?;
        Ok(())
    }
}

/// How many waiting mails are counted.
const MANY: u64 = 10_000;

fn count(name: &'static str, outcome: &'static str, mails: u64) {
    metrics::counter!(name, "outcome" => outcome).increment(mails);
}

/// How long is waited after so many attempts in vain.
fn pause(attempts: i64) -> i64 {
    let doubled = u32::try_from(attempts - 1).ok().and_then(|attempts| FIRST_PAUSE.checked_shl(attempts.min(20)));
    doubled.unwrap_or(LONGEST_PAUSE).clamp(FIRST_PAUSE, LONGEST_PAUSE)
}
