//! Lists in pages: what `x-paging` of an operation says, checked against its query and its answer.

use anyhow::{Context as _, Result, ensure};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::catalog::Operation;
use super::structs::{Field, Structs, Way, first_type_argument, last_word};
use super::{operations, tokens};

/// How an operation pages. Names are those of the wire; in an answer, a dotted path leads into nested objects.
#[derive(Debug, Deserialize)]
#[serde(tag = "style", rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum Paging {
    /// Query parameters with the number and the size of a page; the answer has an object `info` with `page_number`,
    /// `page_size` and `total_count`.
    Page { items: String, number: String, size: String, info: String },
    /// A query parameter with the token that the answer before ended with, under `answer_token` if it is spelled
    /// otherwise there; `limit` is the query parameter with the size of a page.
    Token { items: String, token: String, answer_token: Option<String>, limit: Option<String> },
}

/// The method that makes a single call.
pub(crate) struct Single<'a> {
    pub(crate) operation: &'a Operation,
    pub(crate) signature: &'a syn::Signature,
    pub(crate) path_arguments: &'a [syn::Ident],
    /// Completes the request, with path arguments and query owned by the place where it stands.
    pub(crate) calls: &'a TokenStream,
    pub(crate) answer: &'a syn::Type,
}

/// What is generated for a paged operation.
pub(crate) struct Paged {
    /// The method of the client.
    pub(crate) method: TokenStream,
    /// The `impl Page` of the answer.
    pub(crate) page: TokenStream,
    /// What is said of the method.
    pub(crate) doc: String,
    /// What they need of the paging module.
    pub(crate) imports: [&'static str; 4],
}

/// Reads the extension of an operation.
pub(crate) fn read(operation: &Map<String, Value>) -> Result<Option<Paging>> {
    let Some(paging) = operation.get("x-paging") else {
        return Ok(None);
    };
    serde_json::from_value(paging.clone()).map(Some).context(
        "x-paging must be {style: page, items, number, size, info} or {style: token, items, token, answer_token, \
         limit}, where the last two may be left out",
    )
}

/// The method that goes through all pages, and the trait of their answers.
pub(crate) fn generate(paging: &Paging, single: &Single<'_>, structs: &Structs) -> Result<Paged> {
    let spec = Spec { query: format!("{}Query", single.operation.id), answer: single.answer, structs };
    match paging {
        Paging::Page { items, number, size, info } => {
            let (start, own_size) = (&spec.parameter(number)?.ident, &spec.parameter(size)?.ident);
            let way = structs.way(single.answer, info)?;
            let info_of = way.borrowed(&quote! { page });
            let [number_of, size_of, total_of] = ["page_number", "page_size", "total_count"]
                .map(|name| spec.integer(info, name).map(|field| integer_of(&field)));
            let (number_of, size_of, total_of) = (number_of?, size_of?, total_of?);
            let code = Code {
                cursor: quote! { Numbers::new(#number, query.#start.take(), query.#own_size.as_ref()) },
                read: quote! {
                    let info = #info_of;
                    Answered::page(#number_of, #size_of, #total_of)
                },
                words: format!(
                    "`{number}` counts up from the query's, or from 1; `{size}` is kept. The list ends at a page without \
                     `{items}`, or when `{info}` says that there is no more."
                ),
            };
            let imports = ["Answered", "Numbers", "Page", "Pages"];
            Ok(paged(single, &code, spec.page(items)?, imports))
        }
        Paging::Token { items, token, answer_token, limit } => {
            let parameter = spec.parameter(token)?;
            ensure!(is(&parameter.kind, &["String"]), "x-paging: the query parameter {token} is no text");
            if let Some(limit) = limit {
                spec.parameter(limit)?;
            }
            let path = answer_token.as_ref().unwrap_or(token);
            let way = structs.way(single.answer, path)?;
            ensure!(way.kind().is_some_and(|kind| is(kind, &["String"])), "x-paging: {path} of the answer is no text");
            let (start, token_of) = (&parameter.ident, way.borrowed(&quote! { page }));
            let kept = limit.as_ref().map(|limit| format!("; `{limit}` is kept")).unwrap_or_default();
            let code = Code {
                cursor: quote! { Tokens::new(#token, query.#start.take()) },
                read: quote! { Answered::token(#token_of) },
                words: format!(
                    "It starts at the query's `{token}`, or at the beginning{kept}. The list of `{items}` ends at an \
                     answer without `{path}`."
                ),
            };
            let imports = ["Answered", "Page", "Pages", "Tokens"];
            Ok(paged(single, &code, spec.page(items)?, imports))
        }
    }
}

/// What differs between the styles.
struct Code {
    cursor: TokenStream,
    read: TokenStream,
    words: String,
}

fn paged(single: &Single<'_>, code: &Code, page: TokenStream, imports: [&'static str; 4]) -> Paged {
    let doc = documentation(single.operation, &single.signature.ident.to_string(), &code.words);
    Paged { method: method(single, code, &doc), page, doc, imports }
}

fn method(single: &Single<'_>, code: &Code, doc: &str) -> TokenStream {
    let Single { operation, signature, path_arguments, calls, answer } = single;
    let Code { cursor, read, words: _ } = code;
    let name = format_ident!("{}_pages", signature.ident);
    let inputs = &signature.inputs;
    let doc = tokens::doc(doc);
    let deprecated = operation.deprecated.as_ref().map(|note| quote! { #[deprecated(note = #note)] });
    let constant = operations::constant(&operation.id);
    // Inlined, the code for a list's pages is made in the program that asks for them, and not for every list in the
    // client: that was more than half of the code made for it.
    quote! {
        #doc
        #deprecated
        #[inline]
        pub fn #name(#inputs) -> Pages<#answer> {
            #(let #path_arguments = #path_arguments.to_owned();)*
            let mut query = query.clone();
            let cursor = #cursor;
            let read = |page: &#answer| { #read };
            Pages::new(self, &operations::#constant, cursor, read, move |request| request #calls)
        }
    }
}

fn documentation(operation: &Operation, single: &str, words: &str) -> String {
    let summary = operation.doc.lines().next().unwrap_or_default();
    let source = operation.doc.rsplit("\n\n").next().filter(|text| text.starts_with("Source:")).unwrap_or_default();
    format!(
        "All pages of [`{single}`](Self::{single}), with one call for each page that is asked for.\n\n{summary} {words} \
         What else the query holds goes with every page. At most 1,000 pages are read; [`Pages::limit_pages`] changes \
         that.\n\n{source}\n\n# Errors\n\nNothing is sent yet. Each page is a result of its own: [`Pages::next`] says \
         what can fail."
    )
}

/// The field as an `Option`, given that `info` is an `Option` of its object.
fn integer_of(Field { ident, optional, .. }: &Field) -> TokenStream {
    if *optional {
        quote! { info.and_then(|info| info.#ident) }
    } else {
        quote! { info.map(|info| info.#ident) }
    }
}

fn is(kind: &syn::Type, names: &[&str]) -> bool {
    last_word(kind).is_some_and(|name| names.contains(&name.as_str()))
}

/// The query and the answer that the names have to be found in.
struct Spec<'a> {
    query: String,
    answer: &'a syn::Type,
    structs: &'a Structs,
}

impl Spec<'_> {
    fn parameter(&self, wire: &str) -> Result<&Field> {
        let field = self.structs.field(&self.query, wire);
        let field = field.with_context(|| format!("x-paging: there is no query parameter {wire}"))?;
        ensure!(field.optional, "x-paging: the query parameter {wire} must be optional");
        ensure!(
            is(&field.kind, &["i32", "i64", "String"]),
            "x-paging: the query parameter {wire} is no number or text"
        );
        Ok(field)
    }

    fn integer(&self, info: &str, name: &str) -> Result<Field> {
        let field = self.structs.way(self.answer, &format!("{info}.{name}"))?.into_last();
        let field = field.with_context(|| format!("x-paging: {info} is empty"))?;
        ensure!(is(&field.kind, &["i32", "i64"]), "x-paging: {info}.{name} of the answer is no integer");
        Ok(field)
    }

    fn page(&self, items: &str) -> Result<TokenStream> {
        let Self { answer, structs, .. } = self;
        let way: Way = structs.way(answer, items)?;
        let item = way.kind().filter(|kind| is(kind, &["Vec"])).and_then(first_type_argument);
        let item = structs.outside(&item.with_context(|| format!("x-paging: {items} of the answer is no list"))?);
        let (slice, list) = (way.slice(), way.list());
        Ok(quote! {
            impl Page for #answer {
                type Item = #item;

                fn items(&self) -> &[Self::Item] { #slice }

                fn into_items(self) -> Vec<Self::Item> { #list }
            }
        })
    }
}
