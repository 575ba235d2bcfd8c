//! The endpoint table of the client, from `spec/endpoints.yaml`.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use proc_macro2::TokenStream;
use quote::quote;
use serde::Deserialize;

use super::{document, tokens};

#[derive(Deserialize)]
struct Endpoints {
    special_regions: BTreeMap<String, String>,
    published_regions: Vec<Published>,
}

#[derive(Deserialize)]
struct Published {
    id: String,
    name: String,
}

/// The regions with an endpoint of their own, and the published regions with their names.
pub(crate) fn table(file: &Path) -> Result<TokenStream> {
    let data: Endpoints = serde_json::from_value(document::read_yaml(file)?)
        .with_context(|| format!("{} has not the expected form", file.display()))?;
    let special = data.special_regions.iter().map(|(region, host)| quote! { (#region, #host) });
    let mut published = data.published_regions;
    published.sort_by(|left, right| left.id.cmp(&right.id));
    let published = published.iter().map(|Published { id, name }| quote! { (#id, #name) });
    let special_doc = tokens::doc("Regions whose endpoint does not follow the rule, sorted by region.");
    let published_doc = tokens::doc("Published regions with their English names, sorted by region.");
    Ok(quote! {
        #special_doc
        pub(crate) static SPECIAL: &[(&str, &str)] = &[#(#special),*];
        #published_doc
        pub(crate) static PUBLISHED: &[(&str, &str)] = &[#(#published),*];
    })
}
