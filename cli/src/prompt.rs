//! A hidden answer of a person at a terminal. Ctrl-C is read as a letter, so that the terminal never stays without echo.

use crate::failure::{Exit, Failure};

fn interrupted() -> Failure {
    Failure::new(Exit::Interrupted, "interrupted", "interrupted; nothing was sent")
}

/// Asks without echo.
#[cfg(not(unix))]
pub(crate) fn hidden(question: &str) -> Result<String, Failure> {
    rpassword::prompt_password(question).map_err(|error| match error.kind() {
        std::io::ErrorKind::Interrupted => interrupted(),
        _ => Failure::other(format!("the answer could not be read: {error}")),
    })
}

/// Asks without echo.
#[cfg(unix)]
pub(crate) fn hidden(question: &str) -> Result<String, Failure> {
    use std::io::Read;

    use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};

    /// Gives the terminal back as it was, whatever ends the question.
    struct Before(Termios);

    impl Drop for Before {
        fn drop(&mut self) {
            // There is nothing else that could be done about it.
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.0);
            crate::output::err("\n");
        }
    }

    let failed = |error: std::io::Error| Failure::other(format!("the answer could not be read: {error}"));
    let before = tcgetattr(std::io::stdin()).map_err(|error| failed(error.into()))?;
    let mut still = before.clone();
    still.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
    still.special_codes[SpecialCodeIndex::VMIN] = 1;
    still.special_codes[SpecialCodeIndex::VTIME] = 0;
    tcsetattr(std::io::stdin(), OptionalActions::Now, &still).map_err(|error| failed(error.into()))?;
    let _before = Before(before);
    crate::output::err(question);
    let mut text: Vec<u8> = Vec::new();
    let mut stdin = std::io::stdin().lock();
    let mut byte = [0];
    loop {
        let count = stdin.read(&mut byte).map_err(failed)?;
        let [letter] = byte;
        match (count, letter) {
            (0, _) | (_, b'\n' | b'\r') => break,
            // Ctrl-C and Ctrl-\.
            (_, 3 | 28) => return Err(interrupted()),
            // Ctrl-D.
            (_, 4) => break,
            // Ctrl-U takes all back, the key before Enter the last letter, however many bytes it has.
            (_, 21) => text.clear(),
            (_, 8 | 127) => while text.pop().is_some_and(|byte| byte & 0xC0 == 0x80) {},
            // Others, such as Ctrl-Z, are no part of a token or a password.
            (_, letter) if letter < 32 => {}
            (_, letter) => text.push(letter),
        }
    }
    String::from_utf8(text).map_err(|_| Failure::usage("what was typed is no text in UTF-8"))
}
