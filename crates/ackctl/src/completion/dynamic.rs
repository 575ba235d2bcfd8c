//! What there is to choose from: regions and operations, which are known, and clusters, node pools and profiles, which are
//! looked up.

use std::ffi::{OsStr, OsString};
use std::sync::{Arc, Mutex, PoisonError};

use ack_client::published_regions;
use ack_models::catalogue::{Catalogue, Kind};
use ack_models::{DescribeClusterNodePoolsQuery, DescribeClustersV1Query, DescribeKubernetesVersionMetadataQuery};
use clap::{Arg, Command, CommandFactory as _, ValueHint};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};

use crate::arguments::Arguments;
use crate::session::Session;

/// The most clusters that are looked up. More would take longer than anybody waits.
const CLUSTERS: i64 = 100;

/// Something to look up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Clusters,
    NodePools,
    Profiles,
    /// Versions the cluster can be upgraded to.
    Versions,
}

/// What was found: names, and what to say of each.
pub(super) type Found = Vec<(String, String)>;

/// What the engine asks for, and what it is offered.
pub(super) struct Offers {
    /// The operation that the words name, for its parameters.
    operation: Option<String>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    wanted: Option<Wanted>,
    found: Found,
}

impl Offers {
    pub(super) fn new(words: &[OsString]) -> Self {
        let mut texts = words.iter().filter_map(|word| word.to_str());
        let is_api = texts.any(|word| word == "api");
        let operation = texts.find(|word| is_api && Catalogue::get().operation(word).is_some());
        Self { operation: operation.map(str::to_owned), state: Mutex::default() }
    }

    /// What is to be looked up before the engine is asked again.
    pub(super) fn wanted(&self) -> Option<Wanted> {
        self.state().wanted
    }

    pub(super) fn provide(&self, found: Found) {
        self.state().found = found;
    }

    /// The command line with something to offer for each of its arguments that has a name of the service's.
    pub(super) fn command(self: Arc<Self>) -> Command {
        self.furnished(Arguments::command())
    }

    fn furnished(self: &Arc<Self>, command: Command) -> Command {
        let command = command.mut_args(|argument| self.argument(argument));
        command.mut_subcommands(|below| self.furnished(below))
    }

    fn argument(self: &Arc<Self>, argument: Arg) -> Arg {
        let own = Arc::clone(self);
        match argument.get_id().as_str() {
            "cluster_id" => {
                argument.add(ArgValueCompleter::new(move |typed: &OsStr| own.looked_up(Wanted::Clusters, typed)))
            }
            "node_pool" => {
                argument.add(ArgValueCompleter::new(move |typed: &OsStr| own.looked_up(Wanted::NodePools, typed)))
            }
            "profile" => {
                argument.add(ArgValueCompleter::new(move |typed: &OsStr| own.looked_up(Wanted::Profiles, typed)))
            }
            "to" | "target" => {
                argument.add(ArgValueCompleter::new(move |typed: &OsStr| own.looked_up(Wanted::Versions, typed)))
            }
            "region" => argument.add(ArgValueCompleter::new(regions)),
            "operation" => argument.add(ArgValueCompleter::new(operations)),
            "path" => argument.add(ArgValueCompleter::new(move |typed: &OsStr| own.parameters(false, typed))),
            "query" => argument.add(ArgValueCompleter::new(move |typed: &OsStr| own.parameters(true, typed))),
            _ if is_file(&argument) => argument.value_hint(ValueHint::AnyPath),
            _ => argument,
        }
    }

    /// What was found, or a note that it is wanted.
    fn looked_up(&self, wanted: Wanted, typed: &OsStr) -> Vec<CompletionCandidate> {
        let mut state = self.state();
        state.wanted = Some(wanted);
        let found = state.found.iter().map(|(name, help)| (name.as_str(), help.as_str()));
        matching(found, typed)
    }

    /// The parameters of the operation, each with an equals sign.
    fn parameters(&self, of_query: bool, typed: &OsStr) -> Vec<CompletionCandidate> {
        let catalogue = Catalogue::get();
        let entry = self.operation.as_ref().and_then(|name| catalogue.operation(name));
        let Some((_, entry)) = entry else { return Vec::new() };
        let fields = match (of_query, &entry.query) {
            (false, _) => Some(&entry.path_parameters),
            (true, Some(Kind::Ref(schema))) => catalogue.schemas.get(schema).map(|schema| &schema.fields),
            (true, _) => None,
        };
        let named: Vec<(String, &str)> =
            fields.into_iter().flatten().map(|(name, field)| (format!("{name}="), field.doc.as_str())).collect();
        matching(named.iter().map(|(name, doc)| (name.as_str(), *doc)), typed)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks up what is wanted; `None` if it cannot be.
pub(super) async fn found(wanted: Wanted, cluster_id: Option<&str>, session: &mut Session) -> Option<Found> {
    match wanted {
        Wanted::Profiles => {
            let names = session.credentials().ok()?.profile_names();
            Some(names.into_iter().map(|name| (name, String::new())).collect())
        }
        Wanted::Clusters => {
            let client = session.client().await.ok()?;
            let query = DescribeClustersV1Query {
                page_size: Some(CLUSTERS),
                region_id: client.region().map(str::to_owned),
                ..Default::default()
            };
            let clusters = client.describe_clusters_v1(&query).await.ok()?.into_inner().clusters;
            let of = |parts: [Option<String>; 3]| parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
            Some(
                clusters
                    .into_iter()
                    .filter_map(|cluster| {
                        let state = cluster.state.map(|state| state.as_str().to_owned());
                        Some((cluster.cluster_id?, of([cluster.name, cluster.current_version, state])))
                    })
                    .filter(|(id, _)| is_plain(id))
                    .collect(),
            )
        }
        Wanted::Versions => versions(cluster_id?, session).await,
        Wanted::NodePools => {
            let client = session.client().await.ok()?;
            let query = DescribeClusterNodePoolsQuery::default();
            let pools = client.describe_cluster_node_pools(cluster_id?, &query).await.ok()?.into_inner().nodepools;
            let infos = pools.into_iter().filter_map(|pool| pool.nodepool_info);
            let named = infos.filter_map(|info| Some((info.nodepool_id?, info.name.unwrap_or_default())));
            Some(named.filter(|(id, _)| is_plain(id)).collect())
        }
    }
}

/// The versions that the service would upgrade the cluster to next.
async fn versions(cluster_id: &str, session: &mut Session) -> Option<Found> {
    let client = session.client().await.ok()?;
    let cluster = client.describe_cluster_detail(cluster_id).await.ok()?.into_inner();
    let query = DescribeKubernetesVersionMetadataQuery {
        cluster_type: cluster.cluster_type.unwrap_or_default(),
        kubernetes_version: cluster.current_version.clone(),
        profile: cluster.profile,
        query_upgradable_version: Some(true),
        region: cluster.region_id.or_else(|| client.region().map(str::to_owned))?,
        ..Default::default()
    };
    let offers = client.describe_kubernetes_version_metadata(&query).await.ok()?.into_inner();
    let own = offers.into_iter().filter(|offer| offer.version.is_none() || offer.version == cluster.current_version);
    let versions = own.flat_map(|offer| offer.upgradable_versions).filter(|version| is_plain(version));
    Some(versions.map(|version| (version, String::new())).collect())
}

/// Whether it is an ID as the service makes them. Anything else is not put on somebody's command line.
fn is_plain(id: &str) -> bool {
    !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

fn is_file(argument: &Arg) -> bool {
    let names = argument.get_value_names().unwrap_or_default();
    argument.get_value_hint() == ValueHint::Unknown && names.iter().any(|name| name == "FILE")
}

fn regions(typed: &OsStr) -> Vec<CompletionCandidate> {
    matching(published_regions().map(|region| (region.id, region.name)), typed)
}

fn operations(typed: &OsStr) -> Vec<CompletionCandidate> {
    let operations = &Catalogue::get().operations;
    matching(operations.iter().map(|(name, entry)| (name.as_str(), entry.summary.as_str())), typed)
}

/// Those that begin with what was typed, in upper or lower case.
fn matching<'a>(all: impl IntoIterator<Item = (&'a str, &'a str)>, typed: &OsStr) -> Vec<CompletionCandidate> {
    let typed = typed.to_string_lossy().to_lowercase();
    let fitting = all.into_iter().filter(|(name, _)| name.to_lowercase().starts_with(&typed));
    fitting
        .map(|(name, help)| {
            let help = (!help.is_empty()).then(|| help.to_owned().into());
            CompletionCandidate::new(name).help(help)
        })
        .collect()
}
