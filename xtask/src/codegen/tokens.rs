//! Small rewrites of token streams that models and client share.

use proc_macro2::TokenStream;
use quote::quote;
use syn::visit_mut::VisitMut;

/// Fully qualified standard paths and the short name the generated files use for each.
const SHORT: [(&[&str], &str); 4] = [
    (&["std", "option", "Option"], "Option"),
    (&["std", "string", "String"], "String"),
    (&["std", "vec", "Vec"], "Vec"),
    (&["std", "collections", "BTreeMap"], "BTreeMap"),
];

/// Whether a type name is one every file has without an import, or imports by itself.
pub(crate) fn is_prelude(name: &str) -> bool {
    matches!(name, "bool" | "i32" | "i64" | "u32" | "u64" | "f32" | "f64" | "str" | "Self")
        || SHORT.iter().any(|(_, short)| *short == name)
}

/// Writes `Option<String>` for `::std::option::Option<::std::string::String>`.
pub(crate) fn shorten_paths(item: &mut syn::ItemStruct) {
    Shortener.visit_item_struct_mut(item);
}

/// [`shorten_paths`] for a type on its own.
pub(crate) fn shorten_type(kind: &mut syn::Type) {
    Shortener.visit_type_mut(kind);
}

/// A doc comment, one attribute a line so that it prints as `///`.
pub(crate) fn doc(text: &str) -> TokenStream {
    let attributes = doc_attributes(text);
    quote! { #(#attributes)* }
}

/// [`doc`] as attributes.
pub(crate) fn doc_attributes(text: &str) -> Vec<syn::Attribute> {
    text.lines()
        .map(|line| {
            let line = if line.trim().is_empty() { String::new() } else { format!(" {}", line.trim_end()) };
            syn::parse_quote! { #[doc = #line] }
        })
        .collect()
}

struct Shortener;

impl VisitMut for Shortener {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        syn::visit_mut::visit_path_mut(self, path);
        let short = SHORT.iter().find(|(long, _)| {
            path.segments.len() == long.len()
                && path.segments.iter().zip(*long).all(|(segment, word)| segment.ident == word)
        });
        if let (Some((_, name)), Some(last)) = (short, path.segments.last().cloned()) {
            let ident = syn::Ident::new(name, last.ident.span());
            let segment = syn::PathSegment { ident, arguments: last.arguments };
            *path = syn::Path { leading_colon: None, segments: std::iter::once(segment).collect() };
        }
    }
}
