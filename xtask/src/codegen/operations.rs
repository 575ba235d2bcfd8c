//! The table of operations that client, emulator and tools share.

use heck::ToShoutySnakeCase as _;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::catalog::{Catalog, Operation};
use super::tokens;

/// The name of an operation's constant.
pub(crate) fn constant(id: &str) -> syn::Ident {
    format_ident!("{}", id.to_shouty_snake_case())
}

/// One constant for each operation, and all of them as `ALL`.
pub(crate) fn table(catalog: &Catalog) -> TokenStream {
    let constants = catalog.operations.values().map(item);
    let names = catalog.operations.keys().map(|id| constant(id));
    let doc = tokens::doc("Every operation, in the order of their ids.");
    quote! {
        use crate::operation::Operation;
        #(#constants)*
        #doc
        pub static ALL: &[&Operation] = &[#(&#names),*];
    }
}

fn item(operation: &Operation) -> TokenStream {
    let name = constant(&operation.id);
    let Operation { id, method, path, area, idempotent, .. } = operation;
    let deprecated = option(operation.deprecated.as_deref());
    let ram_action = option(operation.ram_action.as_deref());
    let doc = tokens::doc(&format!("`{method} {path}`"));
    quote! {
        #doc
        pub static #name: Operation = Operation {
            id: #id,
            method: #method,
            path: #path,
            area: #area,
            idempotent: #idempotent,
            deprecated: #deprecated,
            ram_action: #ram_action,
        };
    }
}

fn option(text: Option<&str>) -> TokenStream {
    text.map_or_else(|| quote! { None }, |text| quote! { Some(#text) })
}
