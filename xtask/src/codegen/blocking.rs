//! The methods of the blocking client: each waits for the async method of its name.

use anyhow::Result;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::client::{Method, Paths};
use super::tokens;

/// The file with the methods.
pub(crate) fn file(methods: &[Method], paths: Paths) -> Result<TokenStream> {
    let home: syn::Path = syn::parse_str(paths.client)?;
    let methods = methods.iter().map(both);
    Ok(quote! {
        use #home::blocking::{Client, Pages};
        use #home::{Error, ResponseValue};

        impl Client { #(#methods)* }
    })
}

/// The method that makes a single call, and the one for all pages.
fn both(method: &Method) -> TokenStream {
    let Method { signature, answer, deprecated, .. } = method;
    let (name, inputs) = (&signature.ident, &signature.inputs);
    let arguments: Vec<&syn::Ident> = inputs.iter().filter_map(argument).collect();
    let deprecated = deprecated.as_ref().map(|note| {
        let reason = "as deprecated as the method it calls";
        quote! { #[deprecated(note = #note)] #[expect(deprecated, reason = #reason)] }
    });
    let refusal = "Inside an async runtime it is [`Error::is_invalid_input`], and nothing is sent.";
    let doc = tokens::doc(&format!("{} {refusal}", method.doc));
    let pages = method.pages_doc.as_ref().map(|doc| {
        let doc = tokens::doc(&format!("{doc} {refusal}"));
        let name = format_ident!("{name}_pages");
        quote! {
            #doc
            #deprecated
            pub fn #name(#inputs) -> Pages<#answer> {
                self.pages(self.inner().#name(#(#arguments),*))
            }
        }
    });
    quote! {
        #doc
        #deprecated
        pub fn #name(#inputs) -> Result<ResponseValue<#answer>, Error> {
            self.wait(self.inner().#name(#(#arguments),*))
        }

        #pages
    }
}

fn argument(input: &syn::FnArg) -> Option<&syn::Ident> {
    match input {
        syn::FnArg::Typed(typed) => match &*typed.pat {
            syn::Pat::Ident(name) => Some(&name.ident),
            _ => None,
        },
        syn::FnArg::Receiver(_) => None,
    }
}
