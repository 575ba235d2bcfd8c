//! Runs progenitor over the lowered document.

use anyhow::{Context as _, Result};
use progenitor_impl::{GenerationSettings, Generator, InterfaceStyle, TypeImpl, UnknownPolicy};
use serde_json::Value;

use super::catalog::Catalog;

/// What progenitor made, as syntax trees.
pub(crate) struct Generated {
    /// The items of the `types` module.
    pub(crate) types: syn::File,
    /// Everything, of which the operations are taken.
    pub(crate) client: syn::File,
}

/// Generates models and operations.
pub(crate) fn generate(lowered: &Value, catalog: &Catalog) -> Result<Generated> {
    let document: openapiv3::OpenAPI =
        serde_json::from_value(lowered.clone()).context("the lowered document is not valid OpenAPI 3.0")?;
    let mut settings = GenerationSettings::default();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_map_type("::std::collections::BTreeMap")
        .with_unknown_crates(UnknownPolicy::Deny)
        .with_derive("PartialEq");
    for name in catalog.enums.keys() {
        settings.with_replacement(name, name, [TypeImpl::Display, TypeImpl::FromStr].into_iter());
    }
    let mut generator = Generator::new(&settings);
    let client = generator.generate_tokens(&document).context("progenitor refused the lowered document")?;
    let types = generator.get_type_space().to_stream();
    Ok(Generated {
        types: syn::parse2(types).context("the generated models do not parse")?,
        client: syn::parse2(client).context("the generated client does not parse")?,
    })
}
