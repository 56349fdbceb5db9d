//! Where the token comes from, and the header made of it. A token is held as a secret and shown nowhere.

mod command;
mod profile;
mod rights;
mod token;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use reqwest::header::HeaderValue;
use tokio::sync::Mutex;

pub(crate) use command::Command;
pub(crate) use profile::PROFILE_VARIABLE;
pub use profile::{Profile, Profiles};
pub use token::is_invisible;

use crate::error::{Error, ErrorKind};
use crate::values::Secret;

/// What a [`TokenProvider`] answers.
pub type TokenFuture<'a> = Pin<Box<dyn Future<Output = Result<Secret, Error>> + Send + 'a>>;

/// Hands out the token: a vault, a file that is renewed, a command. Asked before the first call, and once more
/// when the API does not take the token any more (HTTP 401).
///
/// ```
/// use swpanel::{Client, Error, Secret, TokenFuture, TokenProvider};
///
/// struct Vault;
///
/// impl TokenProvider for Vault {
///     fn token(&self, renew: bool) -> TokenFuture<'_> {
///         Box::pin(async move {
///             let kept = if renew { None } else { Some("example-token") };
///             kept.map(Secret::from).ok_or_else(|| Error::no_token("the vault has no newer token"))
///         })
///     }
/// }
///
/// let client = Client::builder().token_provider(Vault).build()?;
/// # drop(client);
/// # Ok::<(), swpanel::Error>(())
/// ```
pub trait TokenProvider: Send + Sync + 'static {
    /// The token; with `renew`, one that was not handed out before, where there is one.
    ///
    /// # Errors
    /// There is none: [`Error::no_token`].
    fn token(&self, renew: bool) -> TokenFuture<'_>;
}

/// The header of all calls.
pub(crate) enum Auth {
    /// A token that stays.
    Fixed(HeaderValue),
    /// One that is asked for.
    Asked { provider: Arc<dyn TokenProvider>, current: Mutex<Option<HeaderValue>> },
}

impl Auth {
    pub(crate) fn asked(provider: Arc<dyn TokenProvider>) -> Self {
        Self::Asked { provider, current: Mutex::new(None) }
    }

    /// The header for the next call.
    pub(crate) async fn header(&self) -> Result<HeaderValue, Error> {
        match self {
            Self::Fixed(header) => Ok(header.clone()),
            Self::Asked { provider, current } => {
                let mut current = current.lock().await;
                if let Some(header) = current.as_ref() {
                    return Ok(header.clone());
                }
                let header = authorization(Some(&provider.token(false).await?), HANDED_OUT)?;
                Ok(current.insert(header).clone())
            }
        }
    }

    /// Another header than the one that was refused, where there is one; several calls at once ask only once.
    pub(crate) async fn renewed(&self, refused: &HeaderValue) -> Result<Option<HeaderValue>, Error> {
        let Self::Asked { provider, current } = self else { return Ok(None) };
        let mut current = current.lock().await;
        if let Some(header) = current.as_ref().filter(|header| *header != refused) {
            return Ok(Some(header.clone()));
        }
        let header = authorization(Some(&provider.token(true).await?), HANDED_OUT)?;
        if header == refused {
            return Ok(None);
        }
        Ok(Some(current.insert(header).clone()))
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Auth")
    }
}

/// What a message calls the token of a [`TokenProvider`].
const HANDED_OUT: &str = "the token that was handed out";

/// The header of a token; `source` names where the token came from.
pub(crate) fn authorization(token: Option<&Secret>, source: &str) -> Result<HeaderValue, Error> {
    let token = token.map(|token| token::check(token.expose(), source)).transpose()?.filter(|token| !token.is_empty());
    let none = "there is no token; set SWPANEL_TOKEN or a profile, see docs/getting-a-token.md";
    let token = token.ok_or_else(|| Error::new(ErrorKind::NoToken, none))?;
    let value = HeaderValue::from_str(&format!("Bearer {token}"));
    let refused = |_| Error::new(ErrorKind::Configuration, format!("{source} cannot be sent in a header"));
    let mut value = value.map_err(refused)?;
    value.set_sensitive(true);
    Ok(value)
}
