//! The generated structs, to find fields by their wire names and to write the way to one that is nested.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use proc_macro2::TokenStream;
use quote::quote;
use syn::visit_mut::VisitMut;

use super::{models, tokens};

/// Every struct of the models by name.
pub(crate) struct Structs {
    models: syn::Path,
    fields: BTreeMap<String, BTreeMap<String, Field>>,
}

/// One field of a struct.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) ident: syn::Ident,
    /// The type, without the `Option` of an optional field.
    pub(crate) kind: syn::Type,
    pub(crate) optional: bool,
}

/// The fields that lead from a struct to a value inside it.
pub(crate) struct Way(Vec<Field>);

impl Structs {
    pub(crate) fn read(types: &syn::File, models: &syn::Path) -> Result<Self> {
        let mut fields = BTreeMap::new();
        for item in &types.items {
            if let syn::Item::Struct(item) = item {
                let own = item.fields.iter().map(read_field).collect::<Result<_>>()?;
                fields.insert(item.ident.to_string(), own);
            }
        }
        Ok(Self { models: models.clone(), fields })
    }

    /// A field by the name of its struct and its own on the wire.
    pub(crate) fn field(&self, name: &str, wire: &str) -> Option<&Field> {
        self.fields.get(name)?.get(wire)
    }

    /// The way from a struct along a dotted path of wire names.
    pub(crate) fn way(&self, from: &syn::Type, path: &str) -> Result<Way> {
        let mut steps: Vec<Field> = Vec::new();
        for wire in path.split('.') {
            let kind = steps.last().map_or(from, |step| &step.kind);
            let name = last_word(kind).unwrap_or_default();
            let field = self.field(&name, wire).with_context(|| format!("x-paging: {name} has no field {wire}"))?;
            steps.push(field.clone());
        }
        Ok(Way(steps))
    }

    /// A type as the client has to write it.
    pub(crate) fn outside(&self, kind: &syn::Type) -> syn::Type {
        let mut kind = kind.clone();
        Outside(self).visit_type_mut(&mut kind);
        kind
    }
}

impl Way {
    /// The type of the value, without an `Option`.
    pub(crate) fn kind(&self) -> Option<&syn::Type> {
        self.0.last().map(|step| &step.kind)
    }

    /// The field that holds the value.
    pub(crate) fn into_last(mut self) -> Option<Field> {
        self.0.pop()
    }

    /// The value as an `Option` of a reference.
    pub(crate) fn borrowed(&self, root: &TokenStream) -> TokenStream {
        let step = |Field { ident, optional, .. }: &Field, from: &TokenStream| {
            if *optional {
                quote! { #from.#ident.as_ref() }
            } else {
                quote! { &#from.#ident }
            }
        };
        let (always, value) = self.walk(root, step);
        if always {
            quote! { Some(&#value) }
        } else {
            value
        }
    }

    /// The list as a slice.
    pub(crate) fn slice(&self) -> TokenStream {
        let root = quote! { self };
        match self.0.as_slice() {
            [Field { ident, optional: false, .. }] => quote! { &self.#ident },
            _ => {
                let list = self.borrowed(&root);
                quote! { #list.map_or(&[], Vec::as_slice) }
            }
        }
    }

    /// The list, taken out.
    pub(crate) fn list(&self) -> TokenStream {
        let step = |Field { ident, .. }: &Field, from: &TokenStream| quote! { #from.#ident };
        let (always, value) = self.walk(&quote! { self }, step);
        if always {
            value
        } else {
            quote! { #value.unwrap_or_default() }
        }
    }

    /// Walks the way; answers whether the value is always there, and the expression, which otherwise is an `Option`.
    fn walk(&self, root: &TokenStream, step: impl Fn(&Field, &TokenStream) -> TokenStream) -> (bool, TokenStream) {
        let inner = quote! { inner };
        self.0.iter().fold((true, root.clone()), |(always, from), field| match (always, field.optional) {
            (true, true) => (false, step(field, &from)),
            (true, false) => {
                let ident = &field.ident;
                (true, quote! { #from.#ident })
            }
            (false, optional) => {
                let next = step(field, &inner);
                (
                    false,
                    if optional {
                        quote! { #from.and_then(|inner| #next) }
                    } else {
                        quote! { #from.map(|inner| #next) }
                    },
                )
            }
        })
    }
}

/// The `T` of `Vec<T>`, `Option<T>` or another generic type.
pub(crate) fn first_type_argument(kind: &syn::Type) -> Option<syn::Type> {
    let syn::Type::Path(path) = kind else {
        return None;
    };
    let syn::PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        syn::GenericArgument::Type(kind) => Some(kind.clone()),
        _ => None,
    })
}

/// The name of a type without its path and arguments.
pub(crate) fn last_word(kind: &syn::Type) -> Option<String> {
    match kind {
        syn::Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
        _ => None,
    }
}

fn read_field(field: &syn::Field) -> Result<(String, Field)> {
    let wire = models::wire_name(field)?;
    let ident = field.ident.clone().context("a model has an unnamed field")?;
    let mut kind = field.ty.clone();
    tokens::shorten_type(&mut kind);
    let inner = first_type_argument(&kind).filter(|_| last_word(&kind).as_deref() == Some("Option"));
    let optional = inner.is_some();
    Ok((wire, Field { ident, kind: inner.unwrap_or(kind), optional }))
}

/// Puts the module of the models before their names.
struct Outside<'a>(&'a Structs);

impl VisitMut for Outside<'_> {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        syn::visit_mut::visit_path_mut(self, path);
        let is_model = path.get_ident().is_some_and(|ident| !tokens::is_prelude(&ident.to_string()));
        if is_model {
            let segments = self.0.models.segments.iter().chain(&path.segments).cloned().collect();
            *path = syn::Path { leading_colon: self.0.models.leading_colon, segments };
        }
    }
}
