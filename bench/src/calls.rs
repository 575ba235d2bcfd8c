//! One call of ours and of a bare HTTP client, over a connection that is kept.

use std::hint::black_box;

use ack_client::auth::StaticCredentials;
use ack_client::{Client, ClientBuilder};
use ack_models::GetUpgradeStatusResponse;
use anyhow::{Result, ensure};
use tokio::runtime::Runtime;

const CLUSTER: &str = "c106f377e16f34eb1808d6b9362c9test";

/// Both clients of one server.
#[derive(Debug)]
pub struct Calls {
    endpoint: String,
    url: String,
    bare: reqwest::Client,
    runtime: Runtime,
}

impl Calls {
    /// Clients of the server that listens at `address`, such as `127.0.0.1:40213`.
    ///
    /// # Errors
    ///
    /// A runtime or HTTP client that cannot be made.
    pub fn to(address: &str) -> Result<Self> {
        // The bare client wants one before it is built, though nothing here is encrypted.
        let provider = rustls::crypto::ring::default_provider().install_default();
        ensure!(provider.is_ok(), "a TLS provider was installed twice");
        let endpoint = format!("http://{address}");
        let url = format!("{endpoint}/api/v2/clusters/{CLUSTER}/upgrade/status");
        let bare = reqwest::Client::builder().no_proxy().build()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { endpoint, url, bare, runtime })
    }

    /// The settings of our client, as they are by default.
    ///
    /// # Errors
    ///
    /// None that is expected.
    pub fn builder(&self) -> Result<ClientBuilder> {
        let credentials = StaticCredentials::access_key("LTAI5tExampleabcd", "placeholder")?;
        Ok(Client::builder().endpoint(self.endpoint.clone()).credentials(credentials))
    }

    /// Our client.
    ///
    /// # Errors
    ///
    /// None that is expected.
    pub fn client(&self) -> Result<Client> {
        Ok(self.builder()?.build()?)
    }

    /// Makes sure that both read the same answer.
    ///
    /// # Errors
    ///
    /// A call that fails, or answers that differ.
    pub fn check(&self) -> Result<()> {
        let client = self.client()?;
        #[expect(deprecated, reason = "the operation that old and new SDKs have in common")]
        let own = self.runtime.block_on(client.get_upgrade_status(CLUSTER))?.into_inner();
        ensure!(own == self.runtime.block_on(get(&self.bare, &self.url))?, "the two clients read different answers");
        Ok(())
    }

    /// Calls with our client.
    pub fn own(&self, client: &Client, count: u64) {
        self.runtime.block_on(async {
            for _ in 0..count {
                #[expect(deprecated, reason = "as above")]
                drop(black_box(client.get_upgrade_status(CLUSTER).await));
            }
        });
    }

    /// Calls with the bare client.
    pub fn bare(&self, count: u64) {
        self.runtime.block_on(async {
            for _ in 0..count {
                drop(black_box(get(&self.bare, &self.url).await));
            }
        });
    }
}

/// One request as somebody writes it who needs no more.
async fn get(client: &reqwest::Client, url: &str) -> Result<GetUpgradeStatusResponse> {
    let body = client.get(url).send().await?.error_for_status()?.bytes().await?;
    Ok(serde_json::from_slice(&body)?)
}
