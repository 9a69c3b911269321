//! Tables, written as Markdown or as HTML.

use std::fmt::Write as _;

/// A table of text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Table {
    /// Title above the table.
    pub(super) title: String,
    /// Explanation for the reader.
    pub(super) note: String,
    /// Names of the columns.
    pub(super) header: Vec<String>,
    /// Rows, as wide as the header.
    pub(super) rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub(super) fn new(title: &str, note: &str, header: &[&str]) -> Self {
        Self {
            title: title.to_owned(),
            note: note.to_owned(),
            header: header.iter().map(|name| (*name).to_owned()).collect(),
            rows: Vec::new(),
        }
    }

    /// The table alone: the first column to the left, the others to the right.
    pub(super) fn to_markdown(&self) -> String {
        let line = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let ruler = (0..self.header.len()).map(|column| if column == 0 { "---" } else { "---:" });
        let ruler: Vec<&str> = ruler.collect();
        let mut text = line(&self.header);
        let _ = writeln!(text, "| {} |", ruler.join(" | "));
        text.extend(self.rows.iter().map(|row| line(row)));
        text
    }

    /// Title, note and table.
    pub(super) fn to_markdown_section(&self) -> String {
        let Self { title, note, .. } = self;
        let note = if note.is_empty() { String::new() } else { format!("{note}\n\n") };
        format!("## {title}\n\n{note}{}", self.to_markdown())
    }

    /// Title, note and table.
    pub(super) fn to_html(&self) -> String {
        let cells = |tag: &str, cells: &[String]| -> String {
            cells.iter().map(|cell| format!("<{tag}>{}</{tag}>", escape(cell))).collect()
        };
        let mut text = format!("<section><h2>{}</h2>", escape(&self.title));
        if !self.note.is_empty() {
            let _ = write!(text, "<p>{}</p>", escape(&self.note));
        }
        let _ = write!(text, "<table><thead><tr>{}</tr></thead><tbody>", cells("th", &self.header));
        for row in &self.rows {
            let _ = write!(text, "<tr>{}</tr>", cells("td", row));
        }
        text.push_str("</tbody></table></section>\n");
        text
    }
}

/// Text as HTML.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_hold_every_cell() {
        let mut table = Table::new("A < B", "why", &["name", "value"]);
        table.rows.push(vec!["a|b".to_owned(), "1 & 2".to_owned()]);
        assert_eq!(table.to_markdown(), "| name | value |\n| --- | ---: |\n| a\\|b | 1 & 2 |\n");
        assert!(table.to_markdown_section().starts_with("## A < B\n\nwhy\n\n| name"));
        let html = table.to_html();
        assert!(html.contains("<h2>A &lt; B</h2><p>why</p>"));
        assert!(html.contains("<td>a|b</td><td>1 &amp; 2</td>"));
    }
}
