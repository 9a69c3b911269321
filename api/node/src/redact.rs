//! Secrets that must not be printed. A secret given in the wrong place, or a URL with credentials,
//! is remembered at the start and removed from every line for standard error, logs included.

use std::borrow::Cow;
use std::io::Write;
use std::sync::{PoisonError, RwLock};

use alloy::transports::http::reqwest::Url;
use tracing_subscriber::fmt::MakeWriter;

/// Hexadecimal digits from which on a run may be a secret: more than an address has, less than a key
/// that lost some.
const HEX_DIGITS_MIN: usize = 48;
/// Letters and digits from which on a run of mixed letters may be a secret: 32 bytes to the base 64.
const MIXED_LETTERS_MIN: usize = 43;
/// The fewest words of a mnemonic (BIP 39), and the lengths of its words.
const MNEMONIC_WORDS_MIN: usize = 12;
const MNEMONIC_WORD_LETTERS: std::ops::RangeInclusive<usize> = 3..=8;
/// Shorter parts of a URL are hidden only together with what surrounds them: they occur in other texts.
const PART_LETTERS_MIN: usize = 6;
/// Letters and digits from which on a part of a URL's path may be an API key.
const API_KEY_LETTERS_MIN: usize = 16;

/// Texts that standard error must not show, and what it shows instead; long ones first.
static HIDDEN: RwLock<Vec<(String, String)>> = RwLock::new(Vec::new());

/// True if a text holds what may be a secret: a key, a signature, a mnemonic.
pub(crate) fn looks_secret(text: &str) -> bool {
    runs(text).any(is_secret_run) || is_mnemonic(text)
}

/// Remembers what a text from the user holds: secrets, and credentials of a URL.
pub(crate) fn hide(text: &str) {
    for run in runs(text).filter(|run| is_secret_run(run)) {
        put(run, &shown_instead(run));
        put(without_prefix(run), &shown_instead(run));
    }
    // What a flag was given follows its equals sign; a value may also have been taken for a flag.
    let flag = text.trim_start_matches('-');
    let given = text.split_once('=').map_or(text, |(_, given)| given);
    for part in [text, flag, given] {
        if is_mnemonic(part) {
            put(part.trim(), "(a mnemonic, not shown)");
        }
        if let Ok(parsed) = Url::parse(part) {
            hide_url(part, &parsed);
        }
    }
}

/// Remembers user name, password, API keys and query of a URL, as written and as sent.
fn hide_url(text: &str, url: &Url) {
    let sent = url.as_str();
    for text in [text, sent] {
        let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
        if let Some((user, _)) = authority.rsplit_once('@') {
            put(&format!("{user}@"), "(not shown)@");
            user.split(':').filter(|part| part.len() >= PART_LETTERS_MIN).for_each(|part| {
                put(part, "(not shown)");
            });
        }
        if let Some((path, query)) = rest.split_once(['?', '#']) {
            put(&rest[path.len()..], "?(not shown)");
            query.split(['&', '=']).filter(|part| part.len() >= API_KEY_LETTERS_MIN).for_each(
                |part| {
                    put(part, "(not shown)");
                },
            );
        }
        let path = rest.split(['?', '#']).next().unwrap_or(rest);
        let keys = path.split('/').skip(1).filter(|part| is_api_key(part));
        keys.for_each(|part| put(part, "(not shown)"));
    }
}

/// A part of a path with many letters and digits, such as providers give to their customers.
fn is_api_key(part: &str) -> bool {
    part.len() >= API_KEY_LETTERS_MIN && part.bytes().any(|byte| byte.is_ascii_digit())
}

fn put(secret: &str, instead: &str) {
    if secret.is_empty() {
        return;
    }
    let mut hidden = HIDDEN.write().unwrap_or_else(PoisonError::into_inner);
    let lower = secret.to_ascii_lowercase();
    for form in [secret.to_owned(), lower] {
        if !hidden.iter().any(|(known, _)| *known == form) {
            hidden.push((form, instead.to_owned()));
        }
    }
    hidden.sort_by_key(|(secret, _)| std::cmp::Reverse(secret.len()));
}

/// The text without what [`hide`] remembers.
pub(crate) fn scrub(text: &str) -> Cow<'_, str> {
    let hidden = HIDDEN.read().unwrap_or_else(PoisonError::into_inner);
    let mut text = Cow::Borrowed(text);
    for (secret, instead) in hidden.iter() {
        if text.contains(secret.as_str()) {
            text = text.replace(secret.as_str(), instead).into();
        }
    }
    text
}

/// The text without anything that looks like a secret, known or not: for errors that quote files.
pub(crate) fn redact(text: &str) -> String {
    let mut redacted = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_run_char) {
        let (before, from) = rest.split_at(start);
        let length = from.find(|c| !is_run_char(c)).unwrap_or(from.len());
        let (run, behind) = from.split_at(length);
        redacted.push_str(before);
        match is_secret_run(run) {
            true => redacted.push_str(&shown_instead(run)),
            false => redacted.push_str(run),
        }
        rest = behind;
    }
    redacted.push_str(rest);
    scrub(&redacted).into_owned()
}

/// The text without what stands between double quotes, and without anything that looks like a secret:
/// for errors of parsers, which repeat values of the file.
pub(crate) fn unquoted(text: &str) -> String {
    let parts = text.split('"').enumerate();
    let parts = parts.map(|(index, part)| if index % 2 == 0 { part } else { "…" });
    redact(&parts.collect::<Vec<_>>().join("\""))
}

fn is_run_char(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c| !is_run_char(c)).filter(|run| !run.is_empty())
}

/// Hexadecimal digits without `0x`.
pub(crate) fn without_prefix(digits: &str) -> &str {
    digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")).unwrap_or(digits)
}

fn hex_digits(run: &str) -> Option<usize> {
    let digits = without_prefix(run);
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(digits.len())
}

fn is_secret_run(run: &str) -> bool {
    let any = |class: fn(&u8) -> bool| run.as_bytes().iter().any(class);
    let mixed =
        any(u8::is_ascii_uppercase) && any(u8::is_ascii_lowercase) && any(u8::is_ascii_digit);
    hex_digits(run).is_some_and(|digits| digits >= HEX_DIGITS_MIN)
        || (mixed && run.len() >= MIXED_LETTERS_MIN)
}

/// Twelve words or more of three to eight small letters, and nothing else.
pub(crate) fn is_mnemonic(text: &str) -> bool {
    let word = |word: &str| {
        MNEMONIC_WORD_LETTERS.contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase())
    };
    let text = text.trim().trim_matches(['"', '\'']);
    text.split_whitespace().count() >= MNEMONIC_WORDS_MIN && text.split_whitespace().all(word)
}

fn shown_instead(run: &str) -> String {
    match hex_digits(run) {
        Some(digits) => format!("({digits} hexadecimal digits, not shown)"),
        None => format!("({} letters, not shown)", run.len()),
    }
}

/// Standard error as logs reach it: free of secrets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScrubbedStderr;

impl Write for ScrubbedStderr {
    /// Events arrive whole: a secret is never cut in two.
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        std::io::stderr().write_all(scrub(&text).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        std::io::stderr().flush()
    }
}

impl MakeWriter<'_> for ScrubbedStderr {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        *self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "4f3edf983ac636a65a842ce7c78d9aa706d3b113bce9c46f30d7d21715b23b1d";
    const MNEMONIC: &str = "test test test test test test test test test test test junk";

    #[test]
    fn secrets_are_told_from_other_texts() {
        let upper = KEY.to_ascii_uppercase();
        let base58 = "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ";
        for secret in
            [KEY, &upper, &format!("0x{KEY}"), &KEY[1..], &KEY.repeat(2), base58, MNEMONIC]
        {
            assert!(looks_secret(secret), "{secret}");
        }
        let address = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
        for other in
            ["", "alice.key", address, "/tmp/.tmpAbC123/data/dev-1.key", "16k", &"a".repeat(80)]
        {
            assert_eq!(looks_secret(other), other.len() == 80, "{other}");
        }
    }

    #[test]
    fn what_is_hidden_is_in_no_text() {
        hide(&format!("--key=0x{KEY}"));
        hide(MNEMONIC);
        let taken_for_a_flag = MNEMONIC.replace("junk", "wave");
        hide(&format!("--{taken_for_a_flag}"));
        assert!(!scrub(&format!("unexpected '--{taken_for_a_flag}'")).contains("wave"));
        for url in [
            "https://someuser:hunter2pass@l1.example/v3/abcdef0123456789abcdef?token=tokentoken123456",
            "--l1-url=http://x:y@l2.example/",
        ] {
            hide(url);
        }
        let text = format!(
            "no {KEY}, 0x{KEY}, {MNEMONIC}, (https://l1.example/v3/abcdef0123456789abcdef?token=\
             tokentoken123456) as someuser hunter2pass, http://x:y@l2.example/"
        );
        let scrubbed = scrub(&text);
        for secret in [KEY, "junk", "abcdef0123456789", "tokentoken", "someuser", "hunter2", "x:y@"]
        {
            assert!(!scrubbed.contains(secret), "{secret}: {scrubbed}");
        }
        assert!(scrubbed.contains("(64 hexadecimal digits, not shown)"), "{scrubbed}");
        assert!(scrubbed.contains("l1.example/v3/"), "{scrubbed}");
    }

    #[test]
    fn unknown_secrets_are_redacted_and_the_rest_stays() {
        let text = "invalid type: string \"0x0101010101010101010101010101010101010101010101010101\", \
                    expected u32 at line 1 – ünd";
        let redacted = redact(text);
        assert!(!redacted.contains("0101"), "{redacted}");
        assert!(redacted.ends_with("expected u32 at line 1 – ünd"), "{redacted}");
    }
}
