//! The node's side of a handshake.

use crate::{
    Answer, Enrolled, Fingerprint, LinkError, LinkKey, Offer, PublicKey, Verdict, Want,
    messages::{Challenge, Farewell, Hello, PROTOCOL},
    talk::{Heard, Step, Talk, is_nonce, nonce},
    wire::Bytestream,
};
use bailiwick_api::{ConsoleId, Enrolment, VERSION};
use std::time::Duration;
use tokio_tungstenite::tungstenite::protocol::Role;

/// A connection to a console that has not said yet who it is.
pub struct Guest(Talk);

/// A console that proved its key.
pub struct Met {
    talk: Talk,
    /// Its id.
    pub console: ConsoleId,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its link key.
    pub key: PublicKey,
}

impl Guest {
    /// Begins on a connection whose upgrade was agreed.
    pub async fn new(connection: Box<dyn Bytestream>) -> Self {
        Self(Talk::new(connection, Role::Client).await)
    }

    /// Says what is wanted and has the console prove that it is the one with this fingerprint.
    ///
    /// # Errors
    /// When it is another one, or says nothing that a console says.
    pub async fn greet(self, want: Want, pinned: &Fingerprint) -> Result<Met, LinkError> {
        let mut talk = self.0;
        let hello = Hello { protocol: PROTOCOL, version: VERSION.into(), nonce: nonce().map_err(LinkError::protocol)?, want };
        talk.say(Step::Hello, &hello, &[]).await?;
        let (challenge, heard): (Challenge, Heard) = talk.hear(Step::Challenge).await?;
        let key: PublicKey = challenge.public_key.parse().map_err(LinkError::protocol)?;
        if key.fingerprint() != *pinned {
            return Err(LinkError::WrongConsole(key.fingerprint().to_string()));
        }
        if !heard.is_by(&key) || challenge.protocol != PROTOCOL || !is_nonce(&challenge.nonce) {
            return Err(LinkError::protocol("the console's proof of its key is wrong"));
        }
        Ok(Met { talk, console: challenge.console, name: plain(&challenge.console_name), version: plain(&challenge.version), key })
    }
}

impl Met {
    /// Asks what a code is for.
    ///
    /// # Errors
    /// When the console refuses the code.
    pub async fn look(mut self, code: &LinkKey) -> Result<Offer, LinkError> {
        self.talk.say(Step::Answer, &Answer::Look, &[code]).await?;
        match self.verdict().await? {
            Verdict::Offer(offer) => {
                self.talk.close().await;
                Ok(Offer { customer: plain(&offer.customer), ..offer })
            }
            other => Err(unexpected(&other)),
        }
    }

    /// Uses a code up. The console may take so long.
    ///
    /// # Errors
    /// When the console refuses.
    pub async fn enrol(mut self, code: &LinkKey, node: &LinkKey, enrolment: Enrolment, within: Duration) -> Result<Enrolled, LinkError> {
        self.talk.extend(within);
        let answer = Answer::Enrol { enrolment, public_key: node.public().to_string() };
        self.talk.say(Step::Answer, &answer, &[code, node]).await?;
        match self.verdict().await? {
            Verdict::Enrolled(enrolled) => {
                self.talk.close().await;
                Ok(enrolled)
            }
            other => Err(unexpected(&other)),
        }
    }

    /// Asks to be linked. A refusal leaves the conversation open for [`Met::farewell`].
    ///
    /// # Errors
    /// When the connection breaks or the console says nothing that a console says.
    pub async fn connect(mut self, node: &LinkKey) -> Result<Result<Box<dyn Bytestream>, (LinkError, Self)>, LinkError> {
        self.talk.say(Step::Answer, &Answer::Connect, &[node]).await?;
        match self.verdict().await {
            Ok(Verdict::Welcome) => Ok(Ok(self.talk.into_bytes())),
            Ok(other) => Err(unexpected(&other)),
            Err(refused @ LinkError::Refused { .. }) => Ok(Err((refused, self))),
            Err(other) => Err(other),
        }
    }

    /// Tells the console that everything of it was cleaned up here.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn farewell(mut self, node: &LinkKey) -> Result<(), LinkError> {
        self.talk.extend(crate::HANDSHAKE);
        self.talk.say(Step::Farewell, &Farewell { cleaned: true }, &[node]).await?;
        self.talk.close().await;
        Ok(())
    }

    async fn verdict(&mut self) -> Result<Verdict, LinkError> {
        let (verdict, heard): (Verdict, Heard) = self.talk.hear(Step::Verdict).await?;
        if !heard.is_by(&self.key) {
            return Err(LinkError::protocol("the console's verdict is not signed with its key"));
        }
        match verdict {
            Verdict::Refused(refused) => Err(LinkError::Refused { code: plain(&refused.code), detail: plain(&refused.detail) }),
            verdict => Ok(verdict),
        }
    }
}

/// What a console wrote, fit for a terminal and a page.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

fn unexpected(verdict: &Verdict) -> LinkError {
    let word = match verdict {
        Verdict::Offer(_) => "offer",
        Verdict::Enrolled(_) => "enrolled",
        Verdict::Welcome => "welcome",
        Verdict::Refused(_) => "refused",
    };
    LinkError::protocol(format!("the console answered another question: {word}"))
}
