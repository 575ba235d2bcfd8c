//! Calls by operation id: one arm for each operation, through its typed method.

use anyhow::Result;
use heck::ToSnakeCase as _;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::catalog::Catalog;
use super::client::{BodyKind, Method, Paths};

/// The file with the dispatch.
pub(crate) fn file(methods: &[Method], catalog: &Catalog, paths: Paths) -> Result<TokenStream> {
    let home: syn::Path = syn::parse_str(paths.client)?;
    let arms = methods.iter().map(|method| {
        let id = &method.id;
        let name = format_ident!("{}", id.to_snake_case());
        let mut arguments: Vec<TokenStream> =
            catalog.operations[id].path_parameters.iter().map(|(wire, _)| quote! { input.path(#wire)? }).collect();
        if method.has_query {
            arguments.push(quote! { &input.query()? });
        }
        match method.body {
            BodyKind::None => {}
            BodyKind::Json => arguments.push(quote! { &input.body()? }),
            BodyKind::List => arguments.push(quote! { &input.body::<Vec<_>>()? }),
            BodyKind::Text => arguments.push(quote! { input.text()? }),
        }
        quote! { #id => Box::pin(async move { encoded(client.#name(#(#arguments),*).await?) }), }
    });
    let answers = methods.iter().map(|Method { id, answer, .. }| quote! { #id => decoded::<#answer>(format, body), });
    Ok(quote! {
        use #home::{Client, Error, Format};
        use #home::by_name::{Answer, Input, Pending, decoded, encoded, unknown};

        /// The answer of an operation, decoded into its model.
        pub(crate) fn decode(operation_id: &str, format: Format, body: &[u8]) -> Result<Answer, Error> {
            match operation_id {
                #(#answers)*
                _ => Err(unknown(operation_id)),
            }
        }

        /// The call of an operation by its id.
        #[allow(deprecated, reason = "every operation can be called by name")]
        pub(crate) fn dispatch<'a>(client: &'a Client, operation_id: &'a str, input: &'a Input) -> Pending<'a> {
            match operation_id {
                #(#arms)*
                _ => Box::pin(async move { Err(unknown(operation_id)) }),
            }
        }
    })
}
