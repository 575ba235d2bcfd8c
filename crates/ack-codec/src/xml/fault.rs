//! Says what was wrong with the markup, and where.

use quick_xml::errors::{IllFormedError, SyntaxError};

use super::{Document, Fault, Wanted};
use crate::error::{Error, shorten};
use crate::format::Format;
use crate::tape::{Indexes, Kind, NONE, path_of};

impl Document<'_> {
    /// An error of ours.
    #[cold]
    pub(super) fn explain(mut self, fault: &Fault) -> Error {
        let rest = self.tape.body.get(fault.at..).unwrap_or_default();
        let markup = || format!("`{}`", shorten(rest.split_inclusive(['>', ';']).next().unwrap_or_default()));
        let error = match fault.wanted {
            Wanted::NoDtd => Error::syntax(Format::Xml, "a document without a DTD", "a DOCTYPE declaration"),
            Wanted::KnownReference => {
                let known = "a character reference or one of `&lt;`, `&gt;`, `&amp;`, `&quot;`, `&apos;`";
                Error::syntax(Format::Xml, known, markup())
            }
            Wanted::ElementName => Error::syntax(Format::Xml, "an element name", markup()),
            Wanted::Depth => Error::too_deep(Format::Xml, self.max_depth),
            Wanted::OnlyElements => Error::syntax(Format::Xml, "either elements or text", "both at the top"),
            Wanted::EndTag => {
                let key = self.tape.node(self.open.saturating_sub(1));
                Error::cut_off(Format::Xml, format!("`</{}>`", shorten(self.tape.text(key))))
            }
        };
        error.at_offset(fault.at).at_path(self.path())
    }

    /// An error of the event reader, which was reading at `before` and complains about `at`.
    #[cold]
    pub(super) fn malformed(mut self, error: &quick_xml::Error, before: usize, at: usize) -> Error {
        let end = self.tape.body.len();
        let cut = |wanted: &'static str| Error::cut_off(Format::Xml, wanted).at_offset(end);
        let malformed = |wanted: String, found: String| Error::syntax(Format::Xml, wanted, found).at_offset(at);
        let rest = self.tape.body.get(before..).unwrap_or_default();
        let error = match error {
            quick_xml::Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => {
                malformed(format!("`</{}>`", shorten(expected)), format!("`</{}>`", shorten(found)))
            }
            quick_xml::Error::IllFormed(IllFormedError::UnmatchedEndTag(found)) => {
                malformed("no end tag here".to_owned(), format!("`</{}>`", shorten(found)))
            }
            quick_xml::Error::IllFormed(IllFormedError::UnclosedReference) => {
                if rest.get(1..).is_some_and(|rest| rest.contains(['<', '&'])) {
                    malformed("`;` at the end of a reference".to_owned(), format!("`{}`", shorten(rest)))
                } else {
                    cut("`;` at the end of a reference")
                }
            }
            quick_xml::Error::IllFormed(IllFormedError::MissingDoctypeName)
            | quick_xml::Error::Syntax(SyntaxError::UnclosedDoctype) => {
                return self.explain(&Fault { at: before, wanted: Wanted::NoDtd });
            }
            quick_xml::Error::Syntax(SyntaxError::InvalidBangMarkup) if rest.len() > 2 => {
                malformed("a comment or a CDATA section".to_owned(), format!("`{}`", shorten(rest)))
            }
            quick_xml::Error::Syntax(syntax) => cut(match syntax {
                SyntaxError::UnclosedPI | SyntaxError::UnclosedXmlDecl => "`?>`",
                SyntaxError::UnclosedComment => "`-->`",
                SyntaxError::UnclosedCData => "`]]>`",
                SyntaxError::UnclosedSingleQuotedAttributeValue => "`'` at the end of an attribute",
                SyntaxError::UnclosedDoubleQuotedAttributeValue => "`\"` at the end of an attribute",
                _ => "`>`",
            }),
            other => malformed("well-formed XML".to_owned(), format!("`{}` ({other})", shorten(rest))),
        };
        error.at_path(self.path())
    }

    /// The path of the open element, without the root of a rooted document.
    fn path(&mut self) -> String {
        let open = self.open;
        self.tape.close_all(open);
        let rooted = self.tape.only_key(0).filter(|&key| {
            let root = self.tape.node(key);
            root.next == NONE
                && self.tape.text(root).ends_with("Response")
                && self.tape.node(key + 1).kind != Kind::Text
        });
        path_of(&self.tape, rooted.map_or(0, |key| key + 1), open, Indexes::Exact)
    }
}
