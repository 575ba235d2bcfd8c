//! Retargets the models: wording and deprecations put back, one file per area, enums replaced by open ones.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail, ensure};
use proc_macro2::TokenStream;
use quote::{ToTokens as _, format_ident, quote};
use syn::punctuated::Punctuated;
use syn::visit::Visit as _;

use super::catalog::{Catalog, Field};
use super::{emit, enums, operations, tokens};

/// The files of the models crate, by name.
pub(crate) fn files(types: &syn::File, catalog: &Catalog) -> Result<BTreeMap<String, String>> {
    let mut areas: BTreeMap<&str, Area> = BTreeMap::new();
    for (name, open_enum) in &catalog.enums {
        let text = enums::open_enum(name, open_enum)?;
        areas.entry(&open_enum.area).or_default().items.insert(name.clone(), text);
    }
    let mut seen = BTreeSet::new();
    for item in &types.items {
        let syn::Item::Struct(item) = item else {
            refuse_unknown(item)?;
            continue;
        };
        let name = item.ident.to_string();
        let object = catalog
            .objects
            .get(&name)
            .with_context(|| format!("typify made a type {name} that is no object of the spec"))?;
        let table = field_table(item).with_context(|| format!("schema {name}"))?;
        let item = retarget(item, &object.doc, &object.fields).with_context(|| format!("schema {name}"))?;
        areas.entry(&object.area).or_default().add(name.clone(), item, &table)?;
        seen.insert(name);
    }
    for name in catalog.objects.keys() {
        ensure!(seen.contains(name), "typify made nothing of schema {name}");
    }

    let mut files = BTreeMap::new();
    let mut modules = TokenStream::new();
    for (area, content) in areas {
        let module = format_ident!("{}", area.replace('-', "_"));
        modules.extend(quote! { mod #module; pub use #module::*; });
        files.insert(format!("{module}.rs"), content.print()?);
    }
    files.insert("operations.rs".to_owned(), emit::print(operations::table(catalog))?);
    let doc = tokens::doc("Facts about every operation: method, path, idempotency, deprecation.");
    let modules = quote! { #modules #doc pub mod operations; };
    files.insert("mod.rs".to_owned(), emit::print(modules)?);
    Ok(files)
}

fn refuse_unknown(item: &syn::Item) -> Result<()> {
    match item {
        // The conversion error serves the closed enums, which are all replaced.
        syn::Item::Mod(module) if module.ident == "error" => Ok(()),
        other => {
            let text = other.to_token_stream().to_string();
            let start: String = text.chars().take(120).collect();
            bail!("typify made an item that the models do not know: {start}...; write the schema in place")
        }
    }
}

/// One area: the text of its items by name, and the names of the types they mention.
#[derive(Default)]
struct Area {
    items: BTreeMap<String, String>,
    mentioned: BTreeSet<String>,
}

impl Area {
    fn add(&mut self, name: String, item: TokenStream, table: &str) -> Result<()> {
        let file: syn::File = syn::parse2(item)?;
        let mut mentioned = Mentioned::default();
        mentioned.visit_file(&file);
        self.mentioned.append(&mut mentioned.types);
        self.items.insert(name, format!("{}\n{table}", prettyplease::unparse(&file)));
        Ok(())
    }

    /// The file: imports of what it takes from other areas, then its items.
    fn print(&self) -> Result<String> {
        let foreign = self
            .mentioned
            .iter()
            .filter(|name| !self.items.contains_key(*name) && !tokens::is_prelude(name))
            .map(|name| format_ident!("{name}"));
        let foreign: Vec<_> = foreign.collect();
        let imports = (!foreign.is_empty()).then(|| quote! { use super::{#(#foreign),*}; });
        let map = self.mentioned.contains("BTreeMap").then(|| quote! { use std::collections::BTreeMap; });
        let mut text = emit::print(quote! { #map #imports })?;
        for item in self.items.values() {
            if !text.ends_with("\n\n") {
                text.push('\n');
            }
            text.push_str(item);
        }
        Ok(text)
    }
}

/// Collects the single-word type names a file mentions.
#[derive(Default)]
struct Mentioned {
    types: BTreeSet<String>,
}

impl syn::visit::Visit<'_> for Mentioned {
    fn visit_type_path(&mut self, path: &syn::TypePath) {
        if let (1, Some(segment)) = (path.path.segments.len(), path.path.segments.first()) {
            self.types.insert(segment.ident.to_string());
        }
        syn::visit::visit_type_path(self, path);
    }
}

fn retarget(item: &syn::ItemStruct, doc: &str, fields: &BTreeMap<String, Field>) -> Result<TokenStream> {
    let mut item = item.clone();
    tokens::shorten_paths(&mut item);
    item.attrs.retain(|attribute| !attribute.path().is_ident("doc"));
    let doc = tokens::doc(doc);
    let mut used = BTreeSet::new();
    for field in &mut item.fields {
        let wire = wire_name(field)?;
        let text = fields.get(&wire).with_context(|| format!("field {wire} is not in the spec"))?;
        field.attrs.retain(|attribute| !attribute.path().is_ident("doc"));
        let mut attributes: Vec<syn::Attribute> = tokens::doc_attributes(&text.doc);
        if let Some(note) = &text.deprecated {
            attributes.push(syn::parse_quote! { #[deprecated(note = #note)] });
        }
        attributes.append(&mut field.attrs);
        field.attrs = attributes;
        used.insert(wire);
    }
    for wire in fields.keys() {
        ensure!(used.contains(wire), "typify dropped field {wire}");
    }
    let sensitive = fields.values().any(|field| field.sensitive);
    let debug = if sensitive { Some(masked_debug(&mut item, fields)?) } else { None };
    derive(&mut item)?;
    Ok(quote! { #doc #item #debug })
}

/// The table of fields that reads and writes a struct: `model!` of the models crate takes it in place of serde's derive.
fn field_table(item: &syn::ItemStruct) -> Result<String> {
    let mut lines = BTreeMap::new();
    for field in &item.fields {
        let ident = field.ident.as_ref().context("a model has an unnamed field")?;
        let kind = if is_left_out(field)? { "optional" } else { "required" };
        lines.insert(wire_name(field)?, format!("{kind} {ident}"));
    }
    // The reader notes the fields it has seen in a fixed number of bits.
    ensure!(lines.len() <= 256, "it has {} fields, and 256 is the most a model can have", lines.len());
    let lines = lines.iter().enumerate().map(|(at, (wire, field))| format!("    {at} {wire:?} {field},\n"));
    Ok(format!("model! {{ {} {{\n{}}} }}\n", item.ident, lines.collect::<String>()))
}

/// Whether a field is left out while it is empty, as typify says with `skip_serializing_if`.
fn is_left_out(field: &syn::Field) -> Result<bool> {
    Ok(serde_settings(field)?.contains_key("skip_serializing_if"))
}

/// Requests are built with `..Default::default()`, also those with required fields; typify leaves `Default` off these.
/// Reading and writing comes from the table of fields.
fn derive(item: &mut syn::ItemStruct) -> Result<()> {
    item.attrs.retain(|attribute| !attribute.path().is_ident("serde"));
    for field in &mut item.fields {
        field.attrs.retain(|attribute| !attribute.path().is_ident("serde"));
    }
    for attribute in item.attrs.iter_mut().filter(|attribute| attribute.path().is_ident("derive")) {
        let list = attribute.meta.require_list()?;
        let traits = list.parse_args_with(Punctuated::<syn::Path, syn::Token![,]>::parse_terminated)?;
        let by_serde = |path: &syn::Path| path.segments.first().is_some_and(|first| first.ident == "serde");
        let mut traits: Vec<syn::Path> = traits.into_iter().filter(|path| !by_serde(path)).collect();
        if !traits.iter().any(|path| path.is_ident("Default")) {
            traits.push(syn::parse_quote! { Default });
        }
        *attribute = syn::parse_quote! { #[derive(#(#traits),*)] };
    }
    Ok(())
}

/// Takes the derived `Debug` off a struct that holds secrets, and gives one that does not show them.
fn masked_debug(item: &mut syn::ItemStruct, fields: &BTreeMap<String, Field>) -> Result<TokenStream> {
    for attribute in item.attrs.iter_mut().filter(|attribute| attribute.path().is_ident("derive")) {
        let list = attribute.meta.require_list()?;
        let traits = list.parse_args_with(Punctuated::<syn::Path, syn::Token![,]>::parse_terminated)?;
        let kept = traits.iter().filter(|path| !path.is_ident("Debug"));
        *attribute = syn::parse_quote! { #[derive(#(#kept),*)] };
    }
    let mut shown = TokenStream::new();
    for field in &item.fields {
        let ident = field.ident.as_ref().context("a model has an unnamed field")?;
        let name = ident.to_string();
        if fields[&wire_name(field)?].sensitive {
            shown.extend(quote! { .field(#name, &"[redacted]") });
        } else {
            shown.extend(quote! { .field(#name, &self.#ident) });
        }
    }
    let ident = &item.ident;
    let name = ident.to_string();
    // As the derive says it: compiled by the crates that use it, not by all that might.
    Ok(quote! {
        #[allow(deprecated, reason = "every field is shown")]
        impl std::fmt::Debug for #ident {
            #[inline]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(#name) #shown .finish()
            }
        }
    })
}

/// The name a field has on the wire: its `rename`, or its own.
pub(crate) fn wire_name(field: &syn::Field) -> Result<String> {
    let ident = field.ident.as_ref().context("a model has an unnamed field; write the schema in place")?;
    match serde_settings(field)?.remove("rename") {
        Some(Some(syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(name), .. }))) => Ok(name.value()),
        Some(other) => bail!("field {ident} is renamed to something that is no text: {other:?}"),
        None => Ok(ident.to_string()),
    }
}

/// What typify says to serde about a field: `rename`, `skip_serializing_if` and their like.
fn serde_settings(field: &syn::Field) -> Result<BTreeMap<String, Option<syn::Expr>>> {
    let mut settings = BTreeMap::new();
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        attribute.parse_nested_meta(|meta| {
            let name = meta.path.require_ident()?.to_string();
            let value = meta.input.peek(syn::Token![=]).then(|| meta.value()?.parse::<syn::Expr>()).transpose()?;
            settings.insert(name, value);
            Ok(())
        })?;
    }
    Ok(settings)
}
