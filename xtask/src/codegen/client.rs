//! Retargets the operations: progenitor decides name, arguments and types of each method; the body becomes a
//! call of our own runtime.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail, ensure};
use heck::ToSnakeCase as _;
use proc_macro2::TokenStream;
use quote::{ToTokens as _, format_ident, quote};
use syn::visit::Visit;
use syn::visit_mut::VisitMut;

use super::catalog::{Catalog, Operation};
use super::generate::Generated;
use super::paging::{self, Paged, Single};
use super::structs::{Structs, first_type_argument};
use super::{blocking, by_name, emit, operations, tokens};

/// Where the generated client finds what it calls.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paths {
    /// The module of the models, such as `ack_models`.
    pub(crate) models: &'static str,
    /// The module that holds `Client`, `Error`, `ResponseValue` and `runtime::Request`.
    pub(crate) client: &'static str,
    /// Whether the endpoint table and the dispatch by name are generated beside the operations.
    pub(crate) has_tables: bool,
}

/// A retargeted method, for the dispatch by name and the blocking client.
pub(crate) struct Method {
    pub(crate) id: String,
    pub(crate) has_query: bool,
    pub(crate) body: BodyKind,
    /// The type of the answer.
    pub(crate) answer: syn::Type,
    /// Name and arguments, for the blocking client.
    pub(crate) signature: syn::Signature,
    pub(crate) doc: String,
    pub(crate) deprecated: Option<String>,
    /// What is said of the method for all pages, if there is one.
    pub(crate) pages_doc: Option<String>,
}

/// The file of one area.
#[derive(Default)]
struct Area {
    methods: TokenStream,
    /// The `impl Page` of its answers.
    pages: TokenStream,
    /// What it imports of the paging module.
    paging: BTreeSet<&'static str>,
}

/// How a body is passed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum BodyKind {
    None,
    Json,
    /// A slice.
    List,
    /// A bare string.
    Text,
}

/// The files of the client crate, by name.
pub(crate) fn files(generated: &Generated, catalog: &Catalog, paths: Paths) -> Result<BTreeMap<String, String>> {
    let mut methods = methods(&generated.client);
    let mut areas: BTreeMap<&str, Area> = BTreeMap::new();
    let models: syn::Path = syn::parse_str(paths.models)?;
    let structs = Structs::read(&generated.types, &models)?;
    let mut retargeted = Vec::new();
    let mut pages = BTreeSet::new();
    for operation in catalog.operations.values() {
        let id = &operation.id;
        let name = id.to_snake_case();
        let method = methods.remove(&name).with_context(|| format!("{id}: progenitor made no method {name}"))?;
        let (code, method, paged) = retarget(method, operation, &models, &structs).with_context(|| id.clone())?;
        let area = areas.entry(&operation.area).or_default();
        area.methods.extend(code);
        if let Some(Paged { method: code, page, imports, .. }) = paged {
            let answer = method.answer.to_token_stream().to_string();
            ensure!(pages.insert(answer), "{id}: x-paging: another paged operation has the same answer");
            area.methods.extend(code);
            area.pages.extend(page);
            area.paging.extend(imports);
        }
        retargeted.push(method);
    }
    if let Some(name) = methods.keys().next() {
        bail!("progenitor made a method {name} for no operation of the spec");
    }

    let home: syn::Path = syn::parse_str(paths.client)?;
    let mut files = BTreeMap::new();
    let mut modules = TokenStream::new();
    for (area, Area { methods, pages, paging }) in areas {
        let module = format_ident!("{}", area.replace('-', "_"));
        modules.extend(quote! { mod #module; });
        let paging = paging.iter().map(|name| format_ident!("{name}"));
        let paging = (!pages.is_empty()).then(|| quote! { use #home::paging::{#(#paging),*}; });
        let file = quote! {
            use #models::operations;
            #paging
            use #home::runtime::Request;
            use #home::{Client, Error, ResponseValue};

            impl Client { #methods }

            #pages
        };
        files.insert(format!("{module}.rs"), emit::print(file)?);
    }
    if paths.has_tables {
        modules.extend(quote! { pub(crate) mod endpoints; });
        modules.extend(quote! { #[cfg(feature = "blocking")] mod blocking; });
        modules.extend(quote! { #[cfg(feature = "by-name")] pub(crate) mod by_name; });
        files.insert("blocking.rs".to_owned(), emit::print(blocking::file(&retargeted, paths)?)?);
        files.insert("by_name.rs".to_owned(), emit::print(by_name::file(&retargeted, catalog, paths)?)?);
    }
    files.insert("mod.rs".to_owned(), emit::print(modules)?);
    Ok(files)
}

/// The operation methods by name: the async functions of the `impl Client` blocks.
fn methods(client: &syn::File) -> BTreeMap<String, syn::ImplItemFn> {
    let mut methods = BTreeMap::new();
    for item in &client.items {
        let syn::Item::Impl(block) = item else {
            continue;
        };
        for item in &block.items {
            if let syn::ImplItem::Fn(method) = item
                && method.sig.asyncness.is_some()
            {
                methods.insert(method.sig.ident.to_string(), method.clone());
            }
        }
    }
    methods
}

fn retarget(
    method: syn::ImplItemFn,
    operation: &Operation,
    models: &syn::Path,
    structs: &Structs,
) -> Result<(TokenStream, Method, Option<Paged>)> {
    let body = Body::read(&method.block)?;
    ensure!(
        body.path_arguments.len() == operation.path_parameters.len(),
        "the path has {} parameters, the method encodes {}",
        operation.path_parameters.len(),
        body.path_arguments.len()
    );
    let mut signature = method.sig;
    let mut rewrite = Signature { models };
    rewrite.visit_signature_mut(&mut signature);
    signature.generics = syn::Generics::default();
    let answer = answer_type(&signature.output)?;
    signature.output = syn::parse_quote! { -> Result<ResponseValue<#answer>, Error> };
    let body_kind = if body.has_json { body_kind(&signature) } else { BodyKind::None };
    let paged = match &operation.paging {
        Some(paging) => {
            ensure!(body.has_query && !body.has_json, "x-paging: only a query can page, and there must be no body");
            let calls = calls(operation, &body, &quote! { & });
            let path_arguments = &body.path_arguments;
            let single = Single { operation, signature: &signature, path_arguments, calls: &calls, answer: &answer };
            Some(paging::generate(paging, &single, structs)?)
        }
        None => None,
    };
    let mut calls = calls(operation, &body, &TokenStream::new());
    match body_kind {
        BodyKind::None => {}
        BodyKind::Json | BodyKind::List => calls.extend(quote! { .json(body) }),
        BodyKind::Text => calls.extend(quote! { .text(body) }),
    }
    let text = documentation(operation, &body);
    let doc = tokens::doc(&text);
    let deprecated = operation.deprecated.as_ref().map(|note| quote! { #[deprecated(note = #note)] });
    let constant = operations::constant(&operation.id);
    let code = quote! {
        #doc
        #deprecated
        pub #signature {
            let request = Request::new(&operations::#constant) #calls;
            self.execute(request).await
        }
    };
    let method = Method {
        id: operation.id.clone(),
        has_query: body.has_query,
        body: body_kind,
        answer,
        signature,
        doc: text,
        deprecated: operation.deprecated.clone(),
        pages_doc: paged.as_ref().map(|paged| paged.doc.clone()),
    };
    Ok((code, method, paged))
}

/// Fills path and query of a request; `reference` stands before arguments that are owned.
fn calls(operation: &Operation, body: &Body, reference: &TokenStream) -> TokenStream {
    let mut calls = TokenStream::new();
    for ((wire, _), argument) in operation.path_parameters.iter().zip(&body.path_arguments) {
        calls.extend(quote! { .path_parameter(#wire, #reference #argument) });
    }
    if body.has_query {
        let joined = &operation.comma_joined;
        calls.extend(if joined.is_empty() {
            quote! { .query(#reference query) }
        } else {
            quote! { .query_comma_joined(#reference query, &[#(#joined),*]) }
        });
    }
    calls
}

fn documentation(operation: &Operation, body: &Body) -> String {
    let mut text = operation.doc.clone();
    text.push_str(&format!("\n\nSends `{} {}`.", operation.method, operation.path));
    if !operation.idempotent {
        text.push_str(" Not idempotent: after an unclear failure, look before repeating it.");
    }
    if !body.path_arguments.is_empty() {
        text.push_str("\n\n# Arguments\n");
    }
    for ((wire, doc), argument) in operation.path_parameters.iter().zip(&body.path_arguments) {
        let doc = doc.replace("\n\n", " ");
        text.push_str(&format!("\n- `{argument}` (`{wire}`): {doc}"));
    }
    text.push_str(
        "\n\n# Errors\n\n[`Error`] says what failed: the arguments, the credentials, the transport, the service's \
         refusal, or an answer that does not fit the model.",
    );
    text
}

/// How the method takes its body. A bare string is sent as it is and not as a JSON string.
fn body_kind(signature: &syn::Signature) -> BodyKind {
    let body = signature.inputs.iter().find_map(|argument| match argument {
        syn::FnArg::Typed(typed) if binding(&typed.pat).as_deref() == Some("body") => Some(&*typed.ty),
        _ => None,
    });
    match body {
        Some(syn::Type::Reference(reference)) => match &*reference.elem {
            syn::Type::Slice(_) => BodyKind::List,
            syn::Type::Path(path) if path.path.is_ident("str") => BodyKind::Text,
            _ => BodyKind::Json,
        },
        _ => BodyKind::Json,
    }
}

/// The `T` of `Result<ResponseValue<T>, Error<..>>`.
fn answer_type(output: &syn::ReturnType) -> Result<syn::Type> {
    let syn::ReturnType::Type(_, kind) = output else {
        bail!("the method returns nothing");
    };
    let result = first_type_argument(kind).context("the method does not return a Result")?;
    first_type_argument(&result).context("the method does not return a ResponseValue")
}

/// Drops lifetimes, shortens paths, points `types::` at the models, and takes slices instead of vectors.
struct Signature<'a> {
    models: &'a syn::Path,
}

impl VisitMut for Signature<'_> {
    fn visit_type_mut(&mut self, kind: &mut syn::Type) {
        tokens::shorten_type(kind);
        syn::visit_mut::visit_type_mut(self, kind);
    }

    fn visit_type_reference_mut(&mut self, reference: &mut syn::TypeReference) {
        reference.lifetime = None;
        syn::visit_mut::visit_type_reference_mut(self, reference);
        if let syn::Type::Path(path) = &*reference.elem
            && path.path.segments.last().is_some_and(|last| last.ident == "Vec")
            && let Some(element) = first_type_argument(&reference.elem)
        {
            *reference.elem = syn::parse_quote! { [#element] };
        }
    }

    fn visit_receiver_mut(&mut self, receiver: &mut syn::Receiver) {
        *receiver = syn::parse_quote! { &self };
    }

    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        syn::visit_mut::visit_path_mut(self, path);
        match path.segments.first() {
            Some(first) if first.ident == "types" => {
                let rest = path.segments.iter().skip(1).cloned();
                let segments = self.models.segments.iter().cloned().chain(rest).collect();
                *path = syn::Path { leading_colon: self.models.leading_colon, segments };
            }
            Some(first) if first.ident == "BTreeMap" => {
                let arguments = first.arguments.clone();
                *path = syn::parse_quote! { std::collections::BTreeMap };
                if let Some(last) = path.segments.last_mut() {
                    last.arguments = arguments;
                }
            }
            _ => {}
        }
    }
}

/// What progenitor's method body puts into the request.
#[derive(Default)]
struct Body {
    path_arguments: Vec<syn::Ident>,
    has_query: bool,
    has_json: bool,
    unknown: Option<String>,
}

impl Body {
    /// Reads the statements that build the URL and the request; a call they do not know is an error, so that
    /// nothing progenitor would send gets lost.
    fn read(block: &syn::Block) -> Result<Self> {
        let mut body = Self::default();
        for statement in &block.stmts {
            let syn::Stmt::Local(local) = statement else {
                continue;
            };
            let Some(init) = &local.init else { continue };
            match binding(&local.pat).as_deref() {
                Some("url") => body.read_url(&init.expr)?,
                Some("request") => body.visit_expr(&init.expr),
                _ => {}
            }
        }
        match body.unknown {
            Some(call) => bail!("progenitor's request calls `{call}`, which the runtime does not offer"),
            None => Ok(body),
        }
    }

    fn read_url(&mut self, url: &syn::Expr) -> Result<()> {
        let syn::Expr::Macro(call) = url else {
            bail!("the URL is not built by format!");
        };
        let parse = syn::punctuated::Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated;
        for argument in call.mac.parse_body_with(parse)? {
            if let syn::Expr::Call(encode) = &argument {
                let name = encode.func.to_token_stream().to_string();
                ensure!(name == "encode_path", "the URL holds a call of {name}");
                let mut identifiers = Identifiers::default();
                encode.args.iter().for_each(|argument| identifiers.visit_expr(argument));
                let identifier = identifiers.0.into_iter().next();
                self.path_arguments.push(identifier.context("encode_path has no argument")?);
            }
        }
        Ok(())
    }
}

impl Visit<'_> for Body {
    fn visit_expr_method_call(&mut self, call: &syn::ExprMethodCall) {
        let name = call.method.to_string();
        match name.as_str() {
            "json" => self.has_json = true,
            "query" => self.has_query = true,
            "get" | "post" | "put" | "delete" | "patch" | "header" | "headers" | "build" => {}
            _ => self.unknown = Some(name),
        }
        self.visit_expr(&call.receiver);
    }
}

#[derive(Default)]
struct Identifiers(Vec<syn::Ident>);

impl Visit<'_> for Identifiers {
    fn visit_expr_path(&mut self, path: &syn::ExprPath) {
        self.0.extend(path.path.get_ident().cloned());
    }
}

/// The name a `let` binds; progenitor prefixes it with underscores where an argument has the same name.
fn binding(pattern: &syn::Pat) -> Option<String> {
    match pattern {
        syn::Pat::Ident(ident) => Some(ident.ident.to_string().trim_start_matches('_').to_owned()),
        _ => None,
    }
}
