//! XML, as far as a view needs it.

use std::borrow::Cow;
use std::fmt::Write as _;

/// An XML document that is written from the top. All texts are escaped here.
pub(super) struct Xml {
    out: String,
    open: Vec<&'static str>,
}

impl Xml {
    pub(super) fn new() -> Self {
        let out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
        Self { out, open: Vec::new() }
    }

    /// Opens an element; what follows is inside.
    pub(super) fn open(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.start(name, attributes);
        self.out.push_str(">\n");
        self.open.push(name);
    }

    /// Closes the element that was opened last.
    pub(super) fn close(&mut self) {
        if let Some(name) = self.open.pop() {
            self.indent();
            self.write(format_args!("</{name}>\n"));
        }
    }

    /// An element with a text, or an empty one.
    pub(super) fn element(&mut self, name: &'static str, attributes: &[(&str, &str)], text: &str) {
        self.start(name, attributes);
        match text {
            "" => self.out.push_str("/>\n"),
            text => self.write(format_args!(">{}</{name}>\n", escaped(text))),
        }
    }

    /// Closes all elements.
    pub(super) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.out
    }

    fn start(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.indent();
        self.write(format_args!("<{name}"));
        for (name, value) in attributes {
            self.write(format_args!(" {name}=\"{}\"", escaped(value)));
        }
    }

    fn indent(&mut self) {
        self.out.extend(self.open.iter().map(|_| "  "));
    }

    fn write(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.out.write_fmt(text);
    }
}

/// A text between tags or in an attribute: neither can end there.
fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(character),
        }
    }
    Cow::Owned(out)
}
